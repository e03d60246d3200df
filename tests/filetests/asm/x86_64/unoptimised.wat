;;! emit = "asm"
;;! target = "x86_64-linux"
;;! opt = 0
;;! function = "three"
;; -O 0: no optimisation but what instruction selection does by itself.
(module
  (func $three (result i32) (i32.add (i32.const 1) (i32.const 2)))
  (func (export "_start") (drop (call $three))))

;; three:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   subq $0x20, %rsp
;;   movq %r14, 0x10(%rsp)
;;   movq %r15, 0x18(%rsp)
;;   movl $2, %r14d
;;   leal 1(%r14), %r15d
;;   movq %r15, (%rsp)
;;   movq (%rsp), %rax
;;   movq 0x10(%rsp), %r14
;;   movq 0x18(%rsp), %r15
;;   addq $0x20, %rsp
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
