;; Indices that are kept with 64 bits (`optimise/extend`): whatever they come from, an access is at the index of 32 bits. A
;; wrong upper half would reach what lies beyond the memory instead of trapping, or trap instead of wrapping.

(module
  (memory (export "memory") 1)
  ;; At 16: a list of three, 16 -> 64 -> 128 -> 0, whose values are 1, 20 and 300.
  (data (i32.const 16) "\40\00\00\00\01\00\00\00")
  (data (i32.const 64) "\80\00\00\00\14\00\00\00")
  (data (i32.const 128) "\00\00\00\00\2c\01\00\00")
  ;; At 256: a list whose next element is outside of the memory: 0xfffffff8, 0x80000000.
  (data (i32.const 256) "\f8\ff\ff\ff\01\00\00\00")
  (data (i32.const 264) "\00\00\00\80\01\00\00\00")
  ;; At 512: bytes of all kinds.
  (data (i32.const 512) "\ff\7f\80\00\01\fe\ff\ff")

  (func (export "sum-list") (param $p i32) (result i32) (local $s i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $p)))
        (local.set $s (i32.add (local.get $s) (i32.load offset=4 (local.get $p))))
        (local.set $p (i32.load (local.get $p)))
        (br $next)))
    (local.get $s))

  ;; The upper half of the parameter is whatever the caller has left there.
  (func $load-wrapped (param $p i64) (result i32) (call $sum-from (i32.wrap_i64 (local.get $p))))
  (func $sum-from (param $p i32) (result i32) (local $s i32) (local $n i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load offset=4 (local.get $p))))
      (local.set $p (i32.load (local.get $p)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (local.get $p)))
    (local.get $s))
  (func (export "wrapped") (param $p i64) (result i32) (call $load-wrapped (local.get $p)))

  ;; Counts down through 0: the index wraps to 0xfffffffc, which is outside.
  (func (export "down") (param $p i32) (param $n i32) (result i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load (local.get $p))))
      (local.set $p (i32.sub (local.get $p) (i32.const 4)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n)))
    (local.get $s))

  ;; Counts up from near 2^32 with an index that wraps to the start of the memory.
  (func (export "up") (param $p i32) (param $n i32) (result i32) (local $s i32)
    (loop $next
      (if (i32.lt_u (local.get $p) (i32.const 65536))
        (then (local.set $s (i32.add (local.get $s) (i32.load (local.get $p))))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n)))
    (local.get $s))

  ;; A sign-extended byte as an index.
  (func (export "signed") (param $p i32) (result i32) (local $i i32)
    (local.set $i (i32.load8_s (local.get $p)))
    (loop $next
      (if (i32.load8_u (local.get $i))
        (then (local.set $i (i32.load8_s (local.get $i))) (br $next))))
    (local.get $i))

  ;; Unsigned bytes and halves that go around.
  (func (export "bytes") (param $p i32) (param $n i32) (result i32)
    (loop $next
      (local.set $p (i32.add (i32.load8_u (local.get $p)) (i32.load16_u offset=1 (local.get $p))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n)))
    (local.get $p))

  ;; A selection between a loaded index, a constant with its highest bit set, and a parameter.
  (func (export "selected") (param $p i32) (param $which i32) (result i32)
    (i32.load offset=4
      (select
        (select (i32.load (local.get $p)) (i32.const -8) (i32.eqz (local.get $which)))
        (local.get $p)
        (i32.le_u (local.get $which) (i32.const 1)))))

  ;; Both halves of a 64-bit value as indices.
  (func (export "halves") (param $x i64) (result i32)
    (i32.add
      (i32.load (i32.wrap_i64 (local.get $x)))
      (i32.load (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 32))))))
  ;; The same with a sign: the upper half of the shifted value is all ones.
  (func (export "upper-half-signed") (param $x i64) (result i32)
    (i32.load (i32.wrap_i64 (i64.shr_s (local.get $x) (i64.const 32)))))
  ;; What is extended again after it has been cut off.
  (func (export "cut") (param $x i64) (result i64) (i64.extend_i32_u (i32.wrap_i64 (local.get $x))))
  (func (export "cut-known") (param $x i64) (result i64)
    (i64.extend_i32_u (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 32)))))
  (func (export "cut-almost-known") (param $x i64) (result i64)
    (i64.extend_i32_u (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 31))))))

(assert_return (invoke "sum-list" (i32.const 16)) (i32.const 321))
(assert_return (invoke "sum-list" (i32.const 0)) (i32.const 0))
(assert_trap (invoke "sum-list" (i32.const 256)) "out of bounds memory access")
(assert_trap (invoke "sum-list" (i32.const 264)) "out of bounds memory access")
(assert_return (invoke "wrapped" (i64.const 16)) (i32.const 321))
(assert_return (invoke "wrapped" (i64.const 0x7654_3210_0000_0010)) (i32.const 321))
(assert_return (invoke "wrapped" (i64.const -4294967280)) (i32.const 321))
(assert_trap (invoke "wrapped" (i64.const 0x0000_0000_ffff_fff0)) "out of bounds memory access")
(assert_return (invoke "down" (i32.const 68) (i32.const 2)) (i32.const 148))
(assert_return (invoke "down" (i32.const 8) (i32.const 3)) (i32.const 0))
(assert_trap (invoke "down" (i32.const 8) (i32.const 4)) "out of bounds memory access")
(assert_return (invoke "up" (i32.const 0xffff_fff0) (i32.const 5)) (i32.const 64))
(assert_trap (invoke "signed" (i32.const 512)) "out of bounds memory access")
(assert_trap (invoke "signed" (i32.const 514)) "out of bounds memory access")
(assert_return (invoke "signed" (i32.const 515)) (i32.const 0))
(assert_return (invoke "bytes" (i32.const 515) (i32.const 1)) (i32.const 0xfe01))
(assert_return (invoke "bytes" (i32.const 512) (i32.const 1)) (i32.const 0x817e))
(assert_return (invoke "selected" (i32.const 16) (i32.const 0)) (i32.const 20))
(assert_trap (invoke "selected" (i32.const 16) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "selected" (i32.const 16) (i32.const 2)) (i32.const 1))
(assert_return (invoke "halves" (i64.const 0x0000_0044_0000_0044)) (i32.const 40))
(assert_trap (invoke "halves" (i64.const 0x8000_0044_0000_0044)) "out of bounds memory access")
(assert_trap (invoke "upper-half-signed" (i64.const -4294967296)) "out of bounds memory access")
(assert_return (invoke "upper-half-signed" (i64.const 0x0000_0044_ffff_ffff)) (i32.const 20))
(assert_return (invoke "cut" (i64.const -1)) (i64.const 0xffff_ffff))
(assert_return (invoke "cut-known" (i64.const -1)) (i64.const 0xffff_ffff))
(assert_return (invoke "cut-almost-known" (i64.const -1)) (i64.const 0xffff_ffff))

;; Loops whose ends are decided by the next value (`optimise/latch`), and masks of bits that are zero or shifted out
;; (`optimise/mask`).
(module
  (func (export "rounds") (param $i i32) (result i32) (local $n i32)
    (loop $next
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (if (i32.ne (local.get $i) (i32.const 44))
        (then (local.set $i (i32.add (local.get $i) (i32.const 4))) (br $next))))
    (local.get $n))
  ;; The last step before -16 wraps, or that after it would.
  (func (export "wraps") (param $i i32) (result i32) (local $n i32)
    (loop $next
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (if (i32.ne (local.get $i) (i32.const -16))
        (then (local.set $i (i32.add (local.get $i) (i32.const 0x40000010))) (br $next))))
    (local.get $n))
  (func (export "shifts") (param $x i64) (result i64) (local $s i64)
    (loop $next
      (local.set $s (i64.add (local.get $s) (i64.mul (local.get $x) (local.get $x))))
      (local.set $x (i64.shr_u (local.get $x) (i64.const 3)))
      (br_if $next (i64.ne (local.get $x) (i64.const 0))))
    (local.get $s))
  (func (export "crc") (param $crc i32) (param $data i32) (param $n i32) (result i32)
    (local.set $crc (i32.and (local.get $crc) (i32.const 0xffff)))
    (loop $next
      (local.set $crc
        (i32.xor
          (i32.shr_u (i32.and (local.get $crc) (i32.const 0xfffe)) (i32.const 1))
          (i32.and
            (i32.sub (i32.const 0) (i32.and (i32.xor (local.get $crc) (local.get $data)) (i32.const 1)))
            (i32.const 0xa001))))
      (local.set $data (i32.shr_u (local.get $data) (i32.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n)))
    (local.get $crc))
  ;; The mask takes away a bit that isn't shifted out.
  (func (export "mask-stays") (param $x i32) (result i32)
    (i32.shr_u (i32.and (i32.and (local.get $x) (i32.const 0xffff)) (i32.const 0x7ffe)) (i32.const 1)))
  (func (export "mask-of-more") (param $x i32) (result i32)
    (i32.shr_u (i32.and (local.get $x) (i32.const 0xfffe)) (i32.const 1)))
  ;; A distance of 33 is one of 1.
  (func (export "distance") (param $x i32) (result i32)
    (i32.shr_u (i32.and (i32.and (local.get $x) (i32.const 0xff)) (i32.const 0xfe)) (i32.const 33))))

(assert_return (invoke "rounds" (i32.const 0)) (i32.const 12))
(assert_return (invoke "rounds" (i32.const 44)) (i32.const 1))
(assert_return (invoke "rounds" (i32.const -4)) (i32.const 13))
(assert_return (invoke "wraps" (i32.const -16)) (i32.const 1))
(assert_return (invoke "wraps" (i32.const 0xbfff_ffe0)) (i32.const 2))
(assert_return (invoke "wraps" (i32.const 0x3fff_ffc0)) (i32.const 4))
(assert_return (invoke "shifts" (i64.const 0)) (i64.const 0))
(assert_return (invoke "shifts" (i64.const 100)) (i64.const 10145))
(assert_return (invoke "crc" (i32.const 0) (i32.const 0x31) (i32.const 8)) (i32.const 0xd4c1))
(assert_return (invoke "crc" (i32.const -1) (i32.const 0) (i32.const 1)) (i32.const 0xdffe))
(assert_return (invoke "mask-stays" (i32.const -1)) (i32.const 0x3fff))
(assert_return (invoke "mask-of-more" (i32.const -1)) (i32.const 0x7fff))
(assert_return (invoke "distance" (i32.const -1)) (i32.const 0x7f))
