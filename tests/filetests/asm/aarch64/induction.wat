;;! emit = "asm"
;;! target = "aarch64-linux"
;;! function = "row"
;; Both elements are accessed by the same two registers: the row, and the counter, which has 64 bits.
(module
  (memory (export "memory") 2)
  (func $row (param $row i32) (result i32)
    (local $i i32) (local $sum i32) (local $p i32)
    (local.set $row (i32.and (local.get $row) (i32.const 0xfff0)))
    (loop $next
      (local.set $p (i32.add (local.get $row) (local.get $i)))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (i32.const 4)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.ne (local.get $i) (i32.const 2880))))
    (local.get $sum))
  (func (export "_start") (drop (call $row (i32.const 0)))))

;; row:
;; block0: ; offset 0x0
;;   stp x29, x30, [sp, #-0x10]!
;;   mov x29, sp
;;   mov x2, #0
;;   mov w4, #0
;;   mov x5, x4
;;   and w15, w0, #0xfff0
;;   mov x1, #0x100000000
;;   add x0, x1, w15, uxtw
;;   add x3, x0, x2
;;   ldr w4, [x0, x2] ; trap: heap_oob
;;   ldr w3, [x3, #4] ; trap: heap_oob
;;   mov x0, x5
;;   add w0, w0, w4
;;   add w0, w0, w3
;;   add w3, w2, #8
;;   mov w2, w3
;;   cmp w3, #0xb40
;;   b.eq #0x50
;;   mov x5, x0
;;   b #0x1c
;;   ldp x29, x30, [sp], #0x10
;;   ret
