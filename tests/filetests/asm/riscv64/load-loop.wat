;;! emit = "asm"
;;! target = "riscv64-linux"
;;! function = "sum"
;; The constant base of the linear memory is one `lui`.
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
;;   c.addi16sp sp, -0x10
;;   c.sdsp ra, 8(sp)
;;   c.sdsp s0, 0(sp)
;;   c.mv s0, sp
;;   c.mv a4, a0
;;   c.li a0, 0
;;   c.mv a2, a4
;;   slli a3, a2, 0x20
;;   c.srli a3, 0x20
;;   lui t6, 0x10000
;;   c.addi t6, 0x10
;;   c.add t6, a3
;;   lw a3, 0(t6) ; trap: heap_oob
;;   c.addw a0, a3
;;   c.addiw a2, 4
;;   sext.w a3, a1
;;   bne a2, a3, -0x1a
;;   c.ldsp ra, 8(sp)
;;   c.ldsp s0, 0(sp)
;;   c.addi16sp sp, 0x10
;;   c.jr ra
