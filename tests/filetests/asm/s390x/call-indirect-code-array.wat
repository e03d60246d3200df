;;! emit = "asm"
;;! target = "s390x-linux"
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
;;   stmg %r14, %r15, 0x70(%r15)
;;   lgr %r1, %r15
;;   aghi %r15, -0xa0
;;   stg %r1, 0(%r15)
;;   llgfr %r2, %r2
;;   clgfi %r2, 4
;;   jghe 0x20 ; trap: user4
;;   larl %r3, 0x24 ; reloc_external PCRel32Dbl u16777216:0 2
;;   sllg %r2, %r2, 3
;;   lg %r3, 0(%r2, %r3)
;;   lhi %r2, 0x15
;;   basr %r14, %r3
;;   lmg %r14, %r15, 0x110(%r15)
;;   br %r14
