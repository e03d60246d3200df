;;! emit = "asm"
;;! target = "x86_64-linux"
;;! cpu = "x86-64-v3"
;;! relaxed-simd-deterministic = true
;;! function = ["truncate", "madd", "select", "dot"]
;; The results of the deterministic profile take more instructions.
(module
  (func $swizzle (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))
  (func $truncate (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))
  (func $madd (param v128 v128 v128) (result v128)
    (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
  (func $select (param v128 v128 v128) (result v128)
    (i8x16.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func $dot (param v128 v128) (result v128)
    (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
  (func (export "_start")
    (local v128)
    (drop (call $swizzle (local.get 0) (local.get 0)))
    (drop (call $truncate (local.get 0)))
    (drop (call $madd (local.get 0) (local.get 0) (local.get 0)))
    (drop (call $select (local.get 0) (local.get 0) (local.get 0)))
    (drop (call $dot (local.get 0) (local.get 0)))))
