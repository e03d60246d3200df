;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "get"
;; A 64-bit memory that never grows: its size is part of the instruction.
(module
  (memory (export "memory") i64 1)
  (func $get (param $p i64) (result i64)
    (i64.load offset=8 (local.get $p)))
  (func (export "_start") (drop (call $get (i64.const 0)))))

;; get:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   cmpq $0x10000, %rdi
;;   jae 0x1d
;;   movq 0x10000008(%rdi), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
