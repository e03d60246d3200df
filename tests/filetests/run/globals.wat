;;! emit = "run"
;; Globals of all number types, written and not, and one initialised by extended arithmetic.
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
  (global $a i32 (i32.const 0x1000))
  (global $b i32 (i32.add (i32.const 0x1000) (i32.const 2)))
  (global $c (mut i64) (i64.const 0x100000000))
  (global $d (mut f32) (f32.const 1.5))
  (global $e (mut f64) (f64.const -0))
  (global $f (mut funcref) (ref.func $set))
  (func $set
    (global.set $c (i64.sub (global.get $c) (i64.const 1)))
    (global.set $d (f32.mul (global.get $d) (f32.const 2)))
    (global.set $e (f64.neg (global.get $e)))
    (global.set $f (ref.null func)))
  (func (export "_start")
    (call $hex (i32.sub (global.get $b) (global.get $a)))
    (call $hex (i32.wrap_i64 (global.get $c)))
    (call $hex (ref.is_null (global.get $f)))
    (call $set)
    (call $hex (i32.wrap_i64 (global.get $c)))
    (call $hex (i32.reinterpret_f32 (global.get $d)))
    (call $hex (i32.wrap_i64 (i64.shr_u (i64.reinterpret_f64 (global.get $e)) (i64.const 32))))
    (call $hex (ref.is_null (global.get $f)))))

;; stdout:
;;   00000002
;;   00000000
;;   00000000
;;   ffffffff
;;   40400000
;;   00000000
;;   00000001
