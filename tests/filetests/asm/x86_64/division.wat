;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["divide", "remainder"]
;; Division relies on the processor's own trap.
(module
  (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $remainder (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1)))
  (func (export "_start")
    (drop (call $divide (i32.const 7) (i32.const 2)))
    (drop (call $remainder (i64.const 7) (i64.const 2)))))

;; divide:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq %rdi, %rax
;;   cltd
;;   testl %esi, %esi
;;   je 0x17
;;   idivl %esi ; trap: int_ovf
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: int_divz
;;
;; remainder:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorq %rdx, %rdx
;;   movq %rdi, %rax
;;   divq %rsi ; trap: int_divz
;;   movq %rdx, %rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
