;;! emit = "run"
;; Functions and blocks with many parameters and results, of several types.
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
  (type $many (func (param i32 i64 f32 f64) (result i32 i64 f32 f64 i32 i32 i32)))
  (table 1 funcref)
  (elem (i32.const 0) $rotate)
  (func $rotate (type $many)
    (i32.add (local.get 0) (i32.const 1))
    (i64.add (local.get 1) (i64.const 1))
    (f32.add (local.get 2) (f32.const 1))
    (f64.add (local.get 3) (f64.const 1))
    (i32.const 5) (i32.const 6) (i32.const 7))
  (func $show (param i32 i64 f32 f64 i32 i32 i32)
    (call $hex (local.get 0))
    (call $hex (i32.wrap_i64 (local.get 1)))
    (call $hex (i32.trunc_f32_s (local.get 2)))
    (call $hex (i32.trunc_f64_s (local.get 3)))
    (call $hex (local.get 4))
    (call $hex (local.get 5))
    (call $hex (local.get 6)))
  (func (export "_start")
    (call $show (call $rotate (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4)))
    (call $show (call_indirect (type $many) (i32.const 10) (i64.const 20) (f32.const 30) (f64.const 40) (i32.const 0)))))

;; stdout:
;;   00000002
;;   00000003
;;   00000004
;;   00000005
;;   00000005
;;   00000006
;;   00000007
;;   0000000b
;;   00000015
;;   0000001f
;;   00000029
;;   00000005
;;   00000006
;;   00000007
