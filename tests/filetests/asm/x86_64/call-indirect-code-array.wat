;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "dispatch"
;; A table that nothing writes is an array of code pointers for each signature: compare, load, call.
(module
  (type $unary (func (param i32) (result i32)))
  (type $other (func))
  (table 4 4 funcref)
  (elem (i32.const 0) $double $negate $nothing)
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $negate (type $unary) (i32.sub (i32.const 0) (local.get 0)))
  (func $nothing)
  (func $dispatch (param $which i32) (result i32)
    (call_indirect (type $unary) (i32.const 21) (local.get $which)))
  (func (export "_start")
    (drop (call $dispatch (i32.const 1)))
    ))

;; dispatch:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %esi
;;   cmpq $4, %rsi
;;   jae 0x28
;;   leaq (%rip), %r8 ; reloc_external CallPCRel4 u16777216:0 -4
;;   movq (%r8, %rsi, 8), %r8
;;   movl $0x15, %edi
;;   callq *%r8
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user4
