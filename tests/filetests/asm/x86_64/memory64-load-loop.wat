;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "sum"
;; A 64-bit memory: the index is compared with the size, once for all fields of a structure, whatever
;; their offsets; the guard behind the memory takes care of these.
(module
  (memory (export "memory") i64 1)
  (func $sum (param $p i64) (param $end i64) (result i32)
    (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load offset=16 (local.get $p))))
      (local.set $s (i32.add (local.get $s) (i32.load offset=20 (local.get $p))))
      (i32.store offset=24 (local.get $p) (local.get $s))
      (local.set $p (i64.add (local.get $p) (i64.const 32)))
      (br_if $next (i64.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (memory.grow (i64.const 1)))
    (drop (call $sum (i64.const 0) (i64.const 320)))))

;; sum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorl %eax, %eax
;;   leaq (%rip), %rcx ; reloc_external CallPCRel4 u3:0 -4
;;   cmpq 8(%rcx), %rdi
;;   jae 0x44
;;   movl 0x10000010(%rdi), %edx ; trap: heap_oob
;;   movl 0x10000014(%rdi), %r8d ; trap: heap_oob
;;   addl %edx, %eax
;;   addl %r8d, %eax
;;   movl %eax, 0x10000018(%rdi) ; trap: heap_oob
;;   addq $0x20, %rdi
;;   cmpq %rsi, %rdi
;;   jne 0xd
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
