;;! emit = "asm"
;;! target = "aarch64-linux"
;;! function = "sum"
;; The constant base of the linear memory is one `mov` (movz).
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
;;   stp x29, x30, [sp, #-0x10]!
;;   mov x29, sp
;;   mov x13, x0
;;   mov w0, #0
;;   mov x11, #0x100000000
;;   mov x2, x13
;;   add x11, x11, w2, uxtw
;;   ldr w11, [x11, #0x10] ; trap: heap_oob
;;   add w0, w0, w11
;;   add w2, w2, #4
;;   cmp w2, w1
;;   b.eq #0x38
;;   mov x13, x2
;;   b #0x10
;;   ldp x29, x30, [sp], #0x10
;;   ret
