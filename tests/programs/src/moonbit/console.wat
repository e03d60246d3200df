;; What MoonBit's `println` imports, on WASI: `print_char` takes UTF-16 code units. A line is written as a whole.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  ;; 0: the vector of fd_write and its result; 16: the line.
  (memory (export "memory") 1)
  (global $end (mut i32) (i32.const 16))
  (global $high (mut i32) (i32.const 0))
  (func $byte (param $byte i32)
    (i32.store8 (global.get $end) (local.get $byte))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))
  ;; A byte of a longer sequence: six bits of the character from `shift` up.
  (func $more (param $char i32) (param $shift i32)
    (call $byte (i32.or (i32.const 0x80)
      (i32.and (i32.const 0x3f) (i32.shr_u (local.get $char) (local.get $shift))))))
  (func $flush
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.sub (global.get $end) (i32.const 16)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (global.set $end (i32.const 16)))
  (func $encode (param $char i32)
    (if (i32.lt_u (local.get $char) (i32.const 0x80))
      (then (return (call $byte (local.get $char)))))
    (if (i32.lt_u (local.get $char) (i32.const 0x800))
      (then
        (call $byte (i32.or (i32.const 0xc0) (i32.shr_u (local.get $char) (i32.const 6))))
        (return (call $more (local.get $char) (i32.const 0)))))
    (if (i32.lt_u (local.get $char) (i32.const 0x10000))
      (then (call $byte (i32.or (i32.const 0xe0) (i32.shr_u (local.get $char) (i32.const 12)))))
      (else
        (call $byte (i32.or (i32.const 0xf0) (i32.shr_u (local.get $char) (i32.const 18))))
        (call $more (local.get $char) (i32.const 12))))
    (call $more (local.get $char) (i32.const 6))
    (call $more (local.get $char) (i32.const 0)))
  (func (export "print_char") (param $unit i32)
    (if (i32.eq (i32.and (local.get $unit) (i32.const 0xfc00)) (i32.const 0xd800))
      (then (global.set $high (local.get $unit)) (return)))
    (if (i32.eq (i32.and (local.get $unit) (i32.const 0xfc00)) (i32.const 0xdc00))
      (then (local.set $unit (i32.add (i32.const 0x10000) (i32.or
        (i32.shl (i32.and (global.get $high) (i32.const 0x3ff)) (i32.const 10))
        (i32.and (local.get $unit) (i32.const 0x3ff)))))))
    (call $encode (local.get $unit))
    (if (i32.or (i32.eq (local.get $unit) (i32.const 10)) (i32.gt_u (global.get $end) (i32.const 65000)))
      (then (call $flush)))))
