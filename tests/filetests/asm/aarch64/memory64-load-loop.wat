;;! emit = "asm"
;;! target = "aarch64-linux"
;;! function = "sum"
;; A 64-bit memory: as on x86-64.
(module
  (memory (export "memory") i64 1)
  (func $sum (param $p i64) (param $end i64) (result i32)
    (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load offset=16 (local.get $p))))
      (local.set $s (i32.add (local.get $s) (i32.load offset=20 (local.get $p))))
      (local.set $p (i64.add (local.get $p) (i64.const 32)))
      (br_if $next (i64.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (memory.grow (i64.const 1)))
    (drop (call $sum (i64.const 0) (i64.const 320)))))

;; sum:
;; block0: ; offset 0x0
;;   stp x29, x30, [sp, #-0x10]!
;;   mov x29, sp
;;   mov x2, x0
;;   mov w0, #0
;;   mov x5, x0
;;   adrp x14, #0 ; reloc_external Aarch64AdrPrelPgHi21 u3:0 0
;;   add x14, x14, #0 ; reloc_external Aarch64AddAbsLo12Nc u3:0 0
;;   ldr x15, [x14, #8]
;;   cmp x2, x15
;;   b.hs #0x60
;;   mov x0, #0x100000000
;;   add x0, x2, x0
;;   ldr w3, [x0, #0x10] ; trap: heap_oob
;;   ldr w4, [x0, #0x14] ; trap: heap_oob
;;   mov x0, x5
;;   add w0, w0, w3
;;   add w0, w0, w4
;;   add x2, x2, #0x20
;;   cmp x2, x1
;;   b.eq #0x58
;;   mov x5, x0
;;   b #0x1c
;;   ldp x29, x30, [sp], #0x10
;;   ret
;;   udf #0xc11f ; trap: user2
