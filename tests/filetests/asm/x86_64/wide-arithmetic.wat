;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["add", "multiply"]
;; Sums of 128 bits are add and adc, products one mul.
(module
  (func $add (param i64 i64 i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func $multiply (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1)))
  (func (export "_start")
    (call $add (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)) drop drop
    (call $multiply (i64.const 0) (i64.const 0)) drop drop))

;; add:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq %rdi, %rax
;;   addq %rdx, %rax
;;   movq %rsi, %rdx
;;   adcq %rcx, %rdx
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; multiply:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq %rdi, %rax
;;   mulq %rsi
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
