;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "row"
;; Both elements are accessed by the same two registers: the row, and the counter, which has 64 bits.
(module
  (memory (export "memory") 2)
  (func $row (param $row i32) (result i32)
    (local $i i32) (local $sum i32) (local $p i32)
    (local.set $row (i32.and (local.get $row) (i32.const 0xfff0)))
    (loop $next
      (local.set $p (i32.add (local.get $row) (local.get $i)))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (i32.const 4)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.ne (local.get $i) (i32.const 2880))))
    (local.get $sum))
  (func (export "_start") (drop (call $row (i32.const 0)))))

;; row:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorq %rdx, %rdx
;;   xorl %eax, %eax
;;   andl $0xfff0, %edi
;;   movl 0x10000000(%rdi, %rdx), %ecx ; trap: heap_oob
;;   movl 0x10000004(%rdi, %rdx), %esi ; trap: heap_oob
;;   addl %ecx, %eax
;;   addl %esi, %eax
;;   addl $8, %edx
;;   cmpl $0xb40, %edx
;;   jne 0xf
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
