;;! emit = "run"
;;! relaxed-simd-deterministic = true
;; Operands for which CPUs differ: results are those of the deterministic profile, everywhere.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; Prints a vector as its bytes in memory, and a line feed; uses bytes 0 to 127.
  (func $show (param $v v128)
    (local $i i32) (local $d i32)
    (v128.store (i32.const 32) (local.get $v))
    (loop $next
      (local.set $d
        (i32.and
          (i32.shr_u
            (i32.load8_u offset=32 (i32.shr_u (local.get $i) (i32.const 1)))
            (select (i32.const 0) (i32.const 4) (i32.and (local.get $i) (i32.const 1))))
          (i32.const 15)))
      (i32.store8 offset=64 (local.get $i)
        (i32.add (local.get $d) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 32))))
    (i32.store8 (i32.const 96) (i32.const 10))
    (call $print (i32.const 64) (i32.const 33)))

  (func $same (param i32) (result v128) (i8x16.splat (local.get 0)))
  (func (export "_start")
    ;; Indices from 16 on that aren't negative: 0.
    (call $show (i8x16.relaxed_swizzle (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
      (v128.const i8x16 0 15 16 17 31 32 64 127 128 255 200 1 2 3 4 5)))
    ;; Numbers out of range saturate, NaN is 0.
    (call $show (i32x4.relaxed_trunc_f32x4_s (v128.const f32x4 nan 3e9 -3e9 -1.5)))
    (call $show (i32x4.relaxed_trunc_f32x4_u (v128.const f32x4 nan 5e9 -1 1.5)))
    (call $show (i32x4.relaxed_trunc_f64x2_s_zero (v128.const f64x2 nan 3e9)))
    (call $show (i32x4.relaxed_trunc_f64x2_u_zero (v128.const f64x2 -1 5e9)))
    ;; One rounding.
    (call $show (f32x4.relaxed_madd (v128.const f32x4 0x1.000002p0 0x1.000002p0 2 inf)
      (v128.const f32x4 0x1.000002p0 0x1.fffffep-1 3 1) (v128.const f32x4 -0x1.000004p0 -1 4 1)))
    (call $show (f64x2.relaxed_madd (v128.const f64x2 0x1.0000000000001p0 2)
      (v128.const f64x2 0x1.0000000000001p0 3) (v128.const f64x2 -0x1.0000000000002p0 4)))
    (call $show (f32x4.relaxed_nmadd (v128.const f32x4 0x1.000002p0 0x1.000002p0 2 1)
      (v128.const f32x4 0x1.000002p0 0x1.fffffep-1 3 0) (v128.const f32x4 0x1.000004p0 1 4 1)))
    (call $show (f64x2.relaxed_nmadd (v128.const f64x2 0x1.0000000000001p0 2)
      (v128.const f64x2 0x1.0000000000001p0 3) (v128.const f64x2 0x1.0000000000002p0 4)))
    ;; Masks that aren't all ones or zeroes select bits.
    (call $show (i8x16.relaxed_laneselect (call $same (i32.const 0xff)) (call $same (i32.const 0)) (call $same (i32.const 0x81))))
    (call $show (i16x8.relaxed_laneselect (call $same (i32.const 0xff)) (call $same (i32.const 0)) (i16x8.splat (i32.const 0x8001))))
    (call $show (i32x4.relaxed_laneselect (call $same (i32.const 0xff)) (call $same (i32.const 0)) (i32x4.splat (i32.const 0x80000001))))
    (call $show (i64x2.relaxed_laneselect (call $same (i32.const 0xff)) (call $same (i32.const 0)) (i64x2.splat (i64.const 0x8000000000000001))))
    ;; Zeroes of different signs. (What NaN a result is, no profile of ours says.)
    (call $show (f32x4.relaxed_min (v128.const f32x4 0 -0 3 1) (v128.const f32x4 -0 0 1 2)))
    (call $show (f32x4.relaxed_max (v128.const f32x4 0 -0 1 1) (v128.const f32x4 -0 0 3 2)))
    (call $show (f64x2.relaxed_min (v128.const f64x2 0 -0) (v128.const f64x2 -0 0)))
    (call $show (f64x2.relaxed_max (v128.const f64x2 -0 1) (v128.const f64x2 0 2)))
    ;; The one product that saturates.
    (call $show (i16x8.relaxed_q15mulr_s (i16x8.splat (i32.const -32768)) (i16x8.splat (i32.const -32768))))
    ;; Second operands of more than 7 bits are signed.
    (call $show (i16x8.relaxed_dot_i8x16_i7x16_s (call $same (i32.const -128)) (call $same (i32.const -127))))
    (call $show (i16x8.relaxed_dot_i8x16_i7x16_s (call $same (i32.const 127)) (call $same (i32.const -1))))
    (call $show (i32x4.relaxed_dot_i8x16_i7x16_add_s (call $same (i32.const 127)) (call $same (i32.const -1)) (i32x4.splat (i32.const 1000))))))

;; stdout:
;;   01100000000000000000000203040506
;;   00000000ffffff7f00000080ffffffff
;;   00000000ffffffff0000000001000000
;;   00000000ffffff7f0000000000000000
;;   00000000ffffffff0000000000000000
;;   00008028feff7f33000020410000807f
;;   00000000000070390000000000002440
;;   000080a8feff7fb3000000c00000803f
;;   00000000000070b900000000000000c0
;;   81818181818181818181818181818181
;;   01800180018001800180018001800180
;;   01000080010000800100008001000080
;;   01000000000000800100000000000080
;;   00000080000000800000803f0000803f
;;   00000000000000000000404000000040
;;   00000000000000800000000000000080
;;   00000000000000000000000000000040
;;   ff7fff7fff7fff7fff7fff7fff7fff7f
;;   007f007f007f007f007f007f007f007f
;;   02ff02ff02ff02ff02ff02ff02ff02ff
;;   ec010000ec010000ec010000ec010000
