;;! emit = "run"
;; Sums of indices at the end of a memory that begins with all of 4 GiB: the byte behind the last one, at -1, is at 0
;; (`optimise/induction`, `optimise/extend`). It traps if something is wrong.
(module
  (memory 65536)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08\09\0a")
  (data (i32.const -16) "\10\11\12\13\14\15\16\17\18\19\1a\1b\1c\1d\1e\1f")
  (func $then (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 1)))))
  (func $offset-then-8 (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u offset=8 (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 8)))))
  (func $offset-then-9 (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u offset=8 (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 9)))))
  (func $by-8 (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u offset=8 (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func $by-9 (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u offset=8 (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 9)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func $last (param $i i32) (result i32) (i32.load8_u offset=0xffffffff (local.get $i)))
  ;; A list whose pointers are kept with 64 bits: `optimise/extend`.
  (func $list (param $p i32) (param $n i32) (result i32)
    (loop $next
      (local.set $p (i32.load (local.get $p)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $p))
  (func $store (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func $expect (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
  (func (export "_start")
    (call $expect (call $then (i32.const -2)) (i32.const 0x1e1f))
    (call $expect (call $then (i32.const -1)) (i32.const 0x1f01))
    (call $expect (call $offset-then-8 (i32.const -16)) (i32.const 0x1818))
    (call $expect (call $offset-then-8 (i32.const -9)) (i32.const 0x1f1f))
    (call $expect (call $offset-then-9 (i32.const -9)) (i32.const 0x1f01))
    (call $expect (call $by-8 (i32.const -17) (i32.const 2)) (i32.const 0x171f))
    (call $expect (call $by-9 (i32.const -9) (i32.const 2)) (i32.const 0x1f09))
    (call $expect (call $last (i32.const 0)) (i32.const 0x1f))
    (call $store (i32.const -4) (i32.const 64))
    (call $store (i32.const 64) (i32.const -4))
    (call $expect (call $list (i32.const -4) (i32.const 2)) (i32.const -4))
    (call $expect (call $list (i32.const -4) (i32.const 3)) (i32.const 64))))
