;;! emit = "run"
;; Host functions, called directly and through tables, get the low half of 32-bit operands, whatever
;; the upper half of the register is.
(module
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (type $write)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\28\00\00\00\07\00\00\00\2f\00\00\00\09\00\00\00\38\00\00\00\08\00\00\00")
  (data (i32.const 40) "direct\nconstant\nwritten\n")
  (table $constant 1 funcref)
  (table $written 1 funcref)
  (elem (table $constant) (i32.const 0) func $fd_write)
  (global $dirt (mut i64) (i64.const 0xdeadbeef00000000))
  (func (export "_start")
    (table.set $written (i32.const 0) (table.get $written (i32.const 0)))
    (table.set $written (i32.const 0) (ref.func $fd_write))
    (drop (call $fd_write
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 1)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 16)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 1)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 8)))))
    (drop (call_indirect $constant (type $write)
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 1)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 24)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 1)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 8)))
      (i32.const 0)))
    (drop (call_indirect $written (type $write)
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 1)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 32)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 1)))
      (i32.wrap_i64 (i64.add (global.get $dirt) (i64.const 8)))
      (i32.const 0)))
    (global.set $dirt (i64.const 0)))
  (elem declare func $fd_write))

;; stdout:
;;   direct
;;   constant
;;   written
