;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "sum"
;;! fuel = 1000
;; What is left is in a register inside a loop without calls; one subtraction and one comparison a turn.
(module
  (func $sum (export "_start") (local $i i32)
    (loop $l
      (local.set $i (i32.add (local.get $i) (i32.const 3)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 100))))))

;; sum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %r9 ; reloc_external CallPCRel4 u13:0 -4
;;   movq (%r9), %r9
;;   testq %r9, %r9
;;   jle 0x4b
;;   leaq -1(%r9), %rsi
;;   xorl %edi, %edi
;;   testq %rsi, %rsi
;;   jle 0x4d
;;   addl $3, %edi
;;   addq $-8, %rsi
;;   cmpl $0x64, %edi
;;   jb 0x1d
;;   leaq (%rip), %rax ; reloc_external CallPCRel4 u13:0 -4
;;   movq %rsi, (%rax)
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user20
;;   ud2 ; trap: user20
