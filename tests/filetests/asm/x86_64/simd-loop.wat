;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "sum"
;; An access of a whole vector in a loop is one instruction without a register for the base, too. Without
;; AVX, only aligned vectors can be operands in memory.
(module
  (memory (export "memory") 1)
  (func $sum (param $p i32) (param $end i32) (result v128)
    (local $s v128)
    (loop $next
      (local.set $s (i32x4.add (local.get $s) (v128.load offset=16 (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (call $sum (i32.const 0) (i32.const 400)))))

;; sum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   pxor %xmm0, %xmm0
;;   movl %edi, %edi
;;   movdqu 0x10000010(%rdi), %xmm1 ; trap: heap_oob
;;   paddd %xmm1, %xmm0
;;   addl $0x10, %edi
;;   cmpl %esi, %edi
;;   jne 0xa
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
