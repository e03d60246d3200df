;; Indices that wrap, and such that almost do: `compiler/src/optimise/induction`.

;; A pointer that was accessed is less than the size of the memory, one that wasn't may wrap. (Memories of 4 GiB are in
;; `tests/filetests/run`.)
(module
  (memory 1)
  (data (i32.const 0) "\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00")
  (func (export "pairs") (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.load (local.get $p))))
      (local.set $sum
        (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.load (i32.add (local.get $p) (i32.const 4)))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  ;; What is at p + 8 is read first, so nothing is known of p.
  (func (export "later") (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load (i32.add (local.get $p) (i32.const 8))) (i32.const 10))
      (i32.load (i32.add (local.get $p) (i32.const 12)))))
  (func (export "earlier") (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load (i32.add (local.get $p) (i32.const 12))) (i32.const 10))
      (i32.load (i32.add (local.get $p) (i32.const 8)))))
  ;; A negative counter.
  (func (export "negative") (param $end i32) (result i32) (local $sum i32) (local $i i32)
    (local.set $i (i32.const -16))
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))
        (i32.load (i32.add (local.get $end) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (local.get $i)))
    (local.get $sum))
  (func (export "negative-constant") (result i32) (local $sum i32) (local $i i32)
    (local.set $i (i32.const -16))
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))
        (i32.load (i32.add (local.get $i) (i32.const 16)))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (local.get $i)))
    (local.get $sum))
  ;; It goes down through 0, and is tested against what it wraps to.
  (func (export "down") (param $base i32) (result i32) (local $sum i32) (local $i i32)
    (local.set $i (i32.const 12))
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))
        (i32.load (i32.add (local.get $base) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const -4)))
      (br_if $next (i32.ne (local.get $i) (i32.const -4))))
    (local.get $sum))
  ;; A counter that never meets its end before it wraps.
  (func (export "odd") (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (local.set $i (i32.const 0xffff_fff0))
    (block $exit
      (loop $next
        (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))
          (i32.load (i32.add (local.get $i) (i32.const 20)))))
        (local.set $i (i32.add (local.get $i) (i32.const 4)))
        (br_if $exit (i32.eqz (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
        (br_if $next (i32.ne (local.get $i) (i32.const 7)))))
    (local.get $sum))
  (func (export "scaled") (param $i i32) (result i32) (i32.load (i32.shl (local.get $i) (i32.const 2))))
  (func (export "shifted") (param $i i32) (result i32)
    (i32.load (i32.add (i32.shl (local.get $i) (i32.const 2)) (i32.const 4))))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))

(assert_return (invoke "pairs" (i32.const 0) (i32.const 16)) (i32.const 3456))
(assert_trap (invoke "pairs" (i32.const -8) (i32.const 16)) "out of bounds memory access")
(assert_trap (invoke "pairs" (i32.const 65532) (i32.const 4)) "out of bounds memory access")
(assert_return (invoke "later" (i32.const -8)) (i32.const 34))
(assert_return (invoke "later" (i32.const 0)) (i32.const 56))
(assert_trap (invoke "later" (i32.const -12)) "out of bounds memory access")
(assert_return (invoke "earlier" (i32.const -8)) (i32.const 43))
(assert_trap (invoke "earlier" (i32.const -12)) "out of bounds memory access")
(assert_return (invoke "negative" (i32.const 16)) (i32.const 3456))
(assert_trap (invoke "negative" (i32.const 12)) "out of bounds memory access")
(assert_return (invoke "negative-constant") (i32.const 3456))
(assert_return (invoke "down" (i32.const 0)) (i32.const 6543))
(assert_trap (invoke "down" (i32.const -4)) "out of bounds memory access")
(assert_return (invoke "odd" (i32.const 3)) (i32.const 456))
(assert_return (invoke "scaled" (i32.const 0x4000_0001)) (i32.const 4))
(assert_return (invoke "shifted" (i32.const 0x4000_0001)) (i32.const 5))
(assert_return (invoke "shifted" (i32.const -1)) (i32.const 3))
