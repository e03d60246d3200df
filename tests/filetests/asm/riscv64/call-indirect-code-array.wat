;;! emit = "asm"
;;! target = "riscv64-linux"
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
;;   c.addi16sp sp, -0x10
;;   c.sdsp ra, 8(sp)
;;   c.sdsp s0, 0(sp)
;;   c.mv s0, sp
;;   c.slli a0, 0x20
;;   srli a1, a0, 0x20
;;   c.li a0, 4
;;   bltu a1, a0, 6
;;   c.unimp ; trap: user4
;;   auipc a2, 0 ; reloc_external RiscvPCRelHi20 u16777216:0 0
;;   mv a2, a2 ; reloc_external RiscvPCRelLo12I func+22 0
;;   c.slli a1, 3
;;   c.add a1, a2
;;   c.ld a1, 0(a1)
;;   c.li a0, 0x15
;;   c.jalr a1
;;   c.ldsp ra, 8(sp)
;;   c.ldsp s0, 0(sp)
;;   c.addi16sp sp, 0x10
;;   c.jr ra
