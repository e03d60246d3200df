;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "dispatch"
;; A table that is written holds references; the signature is behind the reference.
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
    (table.set (i32.const 3) (ref.func $double))))

;; dispatch:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %r9 ; reloc_external CallPCRel4 u4:0 -4
;;   movl %edi, %r10d
;;   cmpq 8(%r9), %r10
;;   jae 0x3b
;;   movq (%r9), %r11
;;   movq (%r11, %r10, 8), %r11
;;   movq 8(%r11), %rax ; trap: user5
;;   testq %rax, %rax
;;   jne 0x3d
;;   movq (%r11), %rax
;;   movl $0x15, %edi
;;   callq *%rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user4
;;   ud2 ; trap: user6
