;;! emit = "asm"
;;! target = "aarch64-linux"
;;! function = "sum"
;; A vector is loaded by one instruction, with the base in a register.
(module
  (memory (export "memory") 1)
  (func $sum (param $p i32) (param $end i32) (result v128)
    (local $s v128)
    (loop $next
      (local.set $s (i32x4.add (local.get $s) (v128.load offset=16 (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (call $sum (i32.const 0) (i32.const 400)))))

;; sum:
;; block0: ; offset 0x0
;;   stp x29, x30, [sp, #-0x10]!
;;   mov x29, sp
;;   movi v0.16b, #0
;;   mov x11, #0x100000000
;;   add x11, x11, w0, uxtw
;;   ldr q16, [x11, #0x10] ; trap: heap_oob
;;   add v0.4s, v0.4s, v16.4s
;;   add w0, w0, #0x10
;;   cmp w0, w1
;;   b.ne #0xc
;;   ldp x29, x30, [sp], #0x10
;;   ret
