;;! emit = "run"
;; Vectors wherever a value can be: many parameters and results, blocks, locals, select, globals among
;; globals of other types, tables, a call through a table.
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

  (global $before (mut i32) (i32.const 0x01010101))
  (global $vector (mut v128) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
  (global $between (mut i64) (i64.const 0x0202020202020202))
  (global $second (mut v128) (v128.const i64x2 -1 0))
  (global $constant v128 (v128.const i32x4 1 2 3 4))
  (global $after (mut f64) (f64.const 1))

  (type $many (func
    (param v128 i32 v128 v128 v128 f64 v128 v128 v128 v128 v128 v128 i64)
    (result v128 i32 v128 v128 v128)))
  (table 1 funcref)
  (elem (i32.const 0) $many)
  (func $many (type $many)
    (i8x16.add (local.get 0) (i8x16.splat (local.get 1)))
    (i32.add (local.get 1) (i32.const 1))
    (i8x16.add (local.get 9) (local.get 10))
    (f64x2.add (local.get 11) (f64x2.splat (local.get 5)))
    (i64x2.add (local.get 8) (i64x2.splat (local.get 12))))
  (func $show_many (param v128 i32 v128 v128 v128)
    (call $show (local.get 0))
    (call $show (i32x4.splat (local.get 1)))
    (call $show (local.get 2))
    (call $show (local.get 3))
    (call $show (local.get 4)))
  (func $arguments (param $base v128) (result v128 i32 v128 v128 v128 f64 v128 v128 v128 v128 v128 v128 i64)
    (local.get $base) (i32.const 5)
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 1)))
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 2)))
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 3)))
    (f64.const 1.5)
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 4)))
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 5)))
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 6)))
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 7)))
    (i8x16.add (local.get $base) (i8x16.splat (i32.const 8)))
    (v128.const f64x2 1 2) (i64.const 9))
  (func $blocks (param $n i32) (result v128)
    (local $zero v128)
    (v128.const i32x4 1 1 1 1)
    (loop $again (param v128) (result v128)
      (i32x4.add (local.get $zero))
      (local.set $zero (i32x4.splat (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (if (param v128) (result v128) (i32.eqz (local.get $n))
      (then (i32x4.shl (i32.const 1)))
      (else (drop) (local.get $zero)))
    (v128.const i32x4 0 0 0 7)
    (select (i32.const 1)))
  (func (export "_start")
    (call $show (global.get $vector))
    (call $show (global.get $second))
    (call $show (global.get $constant))
    (global.set $vector (i8x16.add (global.get $vector) (global.get $second)))
    (global.set $second (i64x2.splat (global.get $between)))
    (global.set $before (i32.add (global.get $before) (i32.const 1)))
    (global.set $after (f64.add (global.get $after) (f64.const 1)))
    (global.set $between (i64.const -2))
    (call $show (global.get $vector))
    (call $show (global.get $second))
    (call $show (i32x4.splat (global.get $before)))
    (call $show (i64x2.splat (global.get $between)))
    (call $show (f64x2.splat (global.get $after)))
    (call $show_many (call $many (call $arguments (global.get $vector))))
    (call $show_many (call_indirect (type $many) (call $arguments (global.get $constant)) (i32.const 0)))
    (call $show (call $blocks (i32.const 4)))))

;; stdout:
;;   000102030405060708090a0b0c0d0e0f
;;   ffffffffffffffff0000000000000000
;;   01000000020000000300000004000000
;;   ff0001020304050608090a0b0c0d0e0f
;;   02020202020202020202020202020202
;;   02010101020101010201010102010101
;;   fefffffffffffffffeffffffffffffff
;;   00000000000000400000000000000040
;;   0405060708090a0b0d0e0f1011121314
;;   06000000060000000600000006000000
;;   0d0f11131517191b1f21232527292b2d
;;   00000000000004400000000000000c40
;;   0e060708090a0b0c170f101112131415
;;   06050505070505050805050509050505
;;   06000000060000000600000006000000
;;   110f0f0f130f0f0f150f0f0f170f0f0f
;;   00000000000004400000000000000c40
;;   1006060608060606120606060a060606
;;   14000000140000001400000014000000
