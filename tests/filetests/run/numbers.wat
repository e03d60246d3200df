;;! emit = "run"
;; Results at the edges: rounding, NaN, shifts modulo the width, saturating conversions.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; Prints a number in 8 hexadecimal digits and a line feed; uses bytes 0 to 31.
  (func $hex (param $n i32)
    (local $i i32) (local $d i32)
    (local.set $i (i32.const 8))
    (loop $next
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $d (i32.and (local.get $n) (i32.const 15)))
      (i32.store8 offset=16 (local.get $i)
        (i32.add (local.get $d) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10)))))
      (local.set $n (i32.shr_u (local.get $n) (i32.const 4)))
      (br_if $next (local.get $i)))
    (i32.store8 (i32.const 24) (i32.const 10))
    (call $print (i32.const 16) (i32.const 9)))
  (memory (export "memory") 1)
  (func (export "_start")
    (local $one i32)
    (local.set $one (i32.add (memory.size) (memory.grow (i32.const 0))))
    (local.set $one (i32.shr_u (local.get $one) (i32.const 1)))
    (call $hex (i32.shl (local.get $one) (i32.const 33)))
    (call $hex (i32.rotr (local.get $one) (i32.const 4)))
    (call $hex (i32.rem_s (i32.const 0x80000000) (i32.sub (i32.const 0) (local.get $one))))
    (call $hex (i32.trunc_sat_f64_s (f64.div (f64.convert_i32_s (local.get $one)) (f64.const 0))))
    (call $hex (i32.trunc_sat_f32_u (f32.const nan)))
    (call $hex (i32.trunc_f64_s (f64.nearest (f64.add (f64.convert_i32_s (local.get $one)) (f64.const 1.5)))))
    (call $hex (i32.reinterpret_f32 (f32.min (f32.const -0) (f32.sub (f32.convert_i32_s (local.get $one)) (f32.const 1)))))
    (call $hex (i32.extend8_s (i32.mul (local.get $one) (i32.const 0x80))))
    (call $hex (i32.clz (i32.sub (local.get $one) (i32.const 1))))))

;; stdout:
;;   00000002
;;   10000000
;;   00000000
;;   7fffffff
;;   00000000
;;   00000002
;;   80000000
;;   ffffff80
;;   00000020
