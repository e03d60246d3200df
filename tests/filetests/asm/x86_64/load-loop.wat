;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "sum"
;; An access of the linear memory in a hot loop is one instruction: its constant base is part of
;; the displacement, and no register holds it.
(module
  (memory (export "memory") 1)
  (func $sum (param $p i32) (param $end i32) (result i32)
    (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load offset=16 (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (call $sum (i32.const 0) (i32.const 400)))))

;; sum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorl %eax, %eax
;;   movl %edi, %edi
;;   movl 0x10000010(%rdi), %r11d ; trap: heap_oob
;;   addl %r11d, %eax
;;   addl $4, %edi
;;   cmpl %esi, %edi
;;   jne 8
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
