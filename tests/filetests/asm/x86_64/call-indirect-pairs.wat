;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "dispatch"
;; A large table that nothing writes, and through which code calls with several signatures, holds pairs of code and
;; signature: one more compare.
(module
  (type $unary (func (param i32) (result i32)))
  (type $other (func))
  (type $third (func (result i32)))
  (table 4096 4096 funcref)
  (elem (i32.const 0) $double $negate $nothing)
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $negate (type $unary) (i32.sub (i32.const 0) (local.get 0)))
  (func $nothing)
  (func $dispatch (param $which i32) (result i32)
    (call_indirect (type $unary) (i32.const 21) (local.get $which)))
  (func $others (param $which i32)
    (call_indirect (type $other) (local.get $which))
    (drop (call_indirect (type $third) (local.get $which))))
  (func (export "_start")
    (drop (call $dispatch (i32.const 1)))
    (call $others (i32.const 2))
    ))

;; dispatch:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %esi
;;   cmpq $0x1000, %rsi
;;   jae 0x4b
;;   leaq (%rip), %r10 ; reloc_external CallPCRel4 u5:0 -4
;;   shlq $4, %rsi
;;   movq 8(%r10, %rsi), %r11
;;   testq %r11, %r11
;;   jne 0x3c
;;   movq (%r10, %rsi), %rax
;;   movl $0x15, %edi
;;   callq *%rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   cmpq 0xd(%rip), %r11
;;   je 0x4d
;;   ud2 ; trap: user6
;;   ud2 ; trap: user4
;;   ud2 ; trap: user5
;;   addb %bh, %bh
