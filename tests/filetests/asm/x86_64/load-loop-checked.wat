;;! emit = "asm"
;;! target = "x86_64-linux"
;;! memory-guard = "none"
;;! function = "sum"
;; Without a guard region each access is compared with the size of the memory, here a constant.
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
;;   leaq (%rip), %rcx ; reloc_external CallPCRel4 u3:0 -4
;;   movq (%rcx), %rcx
;;   movl %edi, %r8d
;;   cmpq $0xffec, %r8
;;   ja 0x3c
;;   movl 0x10(%rcx, %r8), %edx ; trap: heap_oob
;;   addl %edx, %eax
;;   addl $4, %r8d
;;   cmpl %esi, %r8d
;;   jne 0x13
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
