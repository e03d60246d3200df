;;! emit = "asm"
;;! target = "aarch64-linux"
;;! function = "dispatch"
;; As in asm/x86_64/call-indirect-code-array.
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
;;   stp x29, x30, [sp, #-0x10]!
;;   mov x29, sp
;;   mov w6, w0
;;   cmp x6, #4
;;   b.hs #0x30
;;   adrp x8, #0 ; reloc_external Aarch64AdrPrelPgHi21 u16777216:0 0
;;   add x8, x8, #0 ; reloc_external Aarch64AddAbsLo12Nc u16777216:0 0
;;   ldr x8, [x8, w0, uxtw #3]
;;   mov w0, #0x15
;;   blr x8
;;   ldp x29, x30, [sp], #0x10
;;   ret
;;   udf #0xc11f ; trap: user4
