;; The interface `letters` of ledger.wit, whose strings are in UTF-16.
(module
  (memory (export "memory") 1)
  ;; Where the next allocation begins. What is below 64 is for results.
  (global $free (mut i32) (i32.const 64))

  (func $realloc (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $alignment i32) (param $size i32)
    (result i32)
    (local $start i32)
    (if (local.get $old) (then (if (i32.ne (local.get $old-size) (local.get $size)) (then
      ;; A string that was transcoded gets its final size where it is.
      (if (i32.gt_u (local.get $size) (local.get $old-size)) (then unreachable))
      (return (local.get $old))))))
    (local.set $start
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $alignment) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $alignment))))
    (global.set $free (i32.add (local.get $start) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.const 65536)) (then unreachable))
    (local.get $start))

  (func (export "test:ledger/letters#capitals") (param $text i32) (param $units i32) (result i32)
    (local $at i32) (local $end i32) (local $unit i32)
    (local.set $at (local.get $text))
    (local.set $end (i32.add (local.get $text) (i32.shl (local.get $units) (i32.const 1))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $unit (i32.load16_u (local.get $at)))
        (if (i32.lt_u (i32.sub (local.get $unit) (i32.const 0x61)) (i32.const 26))
          (then (i32.store16 (local.get $at) (i32.sub (local.get $unit) (i32.const 0x20)))))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (br $next)))
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $units))
    (i32.const 16))

  ;; All that was allocated is freed.
  (func (export "cabi_post_test:ledger/letters#capitals") (param i32)
    (global.set $free (i32.const 64)))

  (func (export "test:ledger/letters#next") (param $letter i32) (result i32)
    (local.set $letter (i32.add (local.get $letter) (i32.const 1)))
    (if (i32.eq (local.get $letter) (i32.const 0xd800)) (then (local.set $letter (i32.const 0xe000))))
    (i32.store8 (i32.const 32) (i32.lt_u (local.get $letter) (i32.const 0x110000)))
    (i32.store (i32.const 36) (local.get $letter))
    (i32.const 32)))
