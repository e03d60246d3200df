;; Sums of indices at the end of a memory with 65,535 pages, the largest to which one can grow: `compiler/src/optimise/induction`. An
;; address that is computed in 64 bits without a proof is 4 GiB too far where the index wraps. What is proved depends on the
;; largest memory of a program, so each size has a file of its own.

;; The last byte of a memory of 65,535 pages is at -65537.
(module
  (memory 65535)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08\09")
  (data (i32.const -65552) "\10\11\12\13\14\15\16\17\18\19\1a\1b\1c\1d\1e\1f")

  ;; Bytes from p to `end`, by pointers.
  (func (export "walk") (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "pairs") (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (local.get $p) (i32.const 1)))))
      (local.set $p (i32.add (local.get $p) (i32.const 2)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))

  ;; What follows an access: the sum doesn't wrap by 65,536 and less.
  (func (export "then-65536") (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65536)))))
  (func (export "then-65537") (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65537)))))
  (func (export "offset-then-65552") (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u offset=16 (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65552)))))
  (func (export "offset-then-65553") (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u offset=16 (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65553)))))

  ;; The same for the rounds of a loop.
  (func (export "by-65536") (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 65536)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func (export "by-65537") (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 65537)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))

  ;; Offsets near 2^32, which aren't a part of what wraps.
  (func (export "far") (param $i i32) (result i32) (i32.load8_u offset=0xfffefff0 (local.get $i)))
  (func (export "farthest") (param $i i32) (result i32) (i32.load8_u offset=0xffffffff (local.get $i)))
  (func (export "far-sum") (param $p i32) (param $i i32) (result i32)
    (i32.load8_u offset=0xfffefff0 (i32.add (local.get $p) (local.get $i))))
  (func (export "far-loop") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u offset=0xfffefff0 (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))
  (func (export "far-constant") (result i32)
    (i32.load8_u offset=0xfffeffff (i32.add (i32.const -1) (i32.const 1))))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))

(assert_return (invoke "walk" (i32.const -65552) (i32.const -65536)) (i32.const 376))
(assert_trap (invoke "walk" (i32.const -65552) (i32.const -65535)) "out of bounds memory access")
(assert_trap (invoke "walk" (i32.const -1) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "pairs" (i32.const -65552) (i32.const -65536)) (i32.const 376))
(assert_trap (invoke "pairs" (i32.const -65551) (i32.const -65535)) "out of bounds memory access")
(assert_return (invoke "then-65536" (i32.const 0)) (i32.const 0x100))
(assert_trap (invoke "then-65536" (i32.const -65537)) "out of bounds memory access")
(assert_trap (invoke "then-65536" (i32.const -65536)) "out of bounds memory access")
(assert_return (invoke "then-65537" (i32.const -65537)) (i32.const 0x1f01))
(assert_trap (invoke "then-65537" (i32.const -65538)) "out of bounds memory access")
(assert_trap (invoke "offset-then-65552" (i32.const -65553)) "out of bounds memory access")
(assert_return (invoke "offset-then-65553" (i32.const -65553)) (i32.const 0x1f01))
(assert_trap (invoke "offset-then-65553" (i32.const -65554)) "out of bounds memory access")
(assert_return (invoke "by-65536" (i32.const 1) (i32.const 2)) (i32.const 0x200))
(assert_return (invoke "by-65536" (i32.const -65537) (i32.const 1)) (i32.const 0x1f))
(assert_trap (invoke "by-65536" (i32.const -65537) (i32.const 2)) "out of bounds memory access")
(assert_return (invoke "by-65537" (i32.const -65537) (i32.const 2)) (i32.const 0x1f01))
(assert_trap (invoke "by-65537" (i32.const -65538) (i32.const 2)) "out of bounds memory access")
(assert_return (invoke "far" (i32.const 0)) (i32.const 0x10))
(assert_return (invoke "far" (i32.const 15)) (i32.const 0x1f))
(assert_trap (invoke "far" (i32.const 16)) "out of bounds memory access")
(assert_trap (invoke "far" (i32.const -1)) "out of bounds memory access")
(assert_trap (invoke "farthest" (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "farthest" (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "far-sum" (i32.const -8) (i32.const 9)) (i32.const 0x11))
(assert_trap (invoke "far-sum" (i32.const -9) (i32.const 8)) "out of bounds memory access")
(assert_return (invoke "far-loop" (i32.const 16)) (i32.const 376))
(assert_trap (invoke "far-loop" (i32.const 17)) "out of bounds memory access")
(assert_return (invoke "far-constant") (i32.const 0x1f))
(assert_return (invoke "grow" (i32.const 0)) (i32.const 65535))

;; A loop in which the memory grows as soon as an index reaches its end. There is no page 65,536, unless a memory begins with it.
(module
  (memory 65534)
  (func (export "fill") (param $p i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.eq (i32.add (local.get $p) (local.get $i)) (i32.shl (memory.size) (i32.const 16)))
        (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (return (local.get $i))))))
      (i32.store8 (i32.add (local.get $p) (local.get $i)) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 4096)))
      (br $next))
    (unreachable))
  (func (export "wrap") (param $p i32) (param $rounds i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 69632)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func (export "size") (result i32) (memory.size)))

(assert_return (invoke "fill" (i32.const -135168)) (i32.const 69632))
(assert_return (invoke "size") (i32.const 65535))
(assert_return (invoke "wrap" (i32.const -69632) (i32.const 2)) (i32.const 1))
(assert_trap (invoke "wrap" (i32.const -73728) (i32.const 2)) "out of bounds memory access")
