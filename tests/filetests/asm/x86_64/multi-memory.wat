;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "add"
;; Each memory has its own reservation and guard. The first has a constant base, the bases of the others
;; never change, so they are loaded once.
(module
  (memory $a 1)
  (memory $b 1)
  (func $add (param $p i32) (param $n i32) (result i32)
    (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s)
        (i32.add (i32.load $a offset=8 (local.get $p)) (i32.load $b offset=8 (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "_start") (drop (call $add (i32.const 0) (i32.const 10)))))

;; add:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorl %eax, %eax
;;   leaq (%rip), %rcx ; reloc_external CallPCRel4 u3:1 -4
;;   movq (%rcx), %rcx
;;   movl %edi, %r8d
;;   movl 0x10000008(%r8), %edx ; trap: heap_oob
;;   movl 8(%rcx, %r8), %edi ; trap: heap_oob
;;   addl %edi, %edx
;;   addl %edx, %eax
;;   addl $4, %r8d
;;   subl $1, %esi
;;   testl %esi, %esi
;;   jne 0x13
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
