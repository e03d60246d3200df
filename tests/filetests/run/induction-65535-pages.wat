;;! emit = "run"
;; Sums of indices at the end of a memory with 65,535 pages, the largest to which one can grow: an address that is computed in 64 bits
;; without a proof is 4 GiB too far where the index wraps (`optimise/induction`). It traps if something is wrong.
;; The last byte is at -65537.
(module
  (memory 65535)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08\09")
  (data (i32.const -65552) "\10\11\12\13\14\15\16\17\18\19\1a\1b\1c\1d\1e\1f")

  ;; Bytes from p to `end`, by pointers.
  (func $walk (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func $pairs (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (local.get $p) (i32.const 1)))))
      (local.set $p (i32.add (local.get $p) (i32.const 2)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))

  ;; What follows an access: the sum doesn't wrap by 65,536 and less.
  (func $then-65536 (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65536)))))
  (func $then-65537 (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65537)))))
  (func $offset-then-65552 (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u offset=16 (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65552)))))
  (func $offset-then-65553 (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u offset=16 (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65553)))))

  ;; The same for the rounds of a loop.
  (func $by-65536 (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 65536)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func $by-65537 (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 65537)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))

  ;; Offsets near 2^32, which aren't a part of what wraps.
  (func $far (param $i i32) (result i32) (i32.load8_u offset=0xfffefff0 (local.get $i)))
  (func $farthest (param $i i32) (result i32) (i32.load8_u offset=0xffffffff (local.get $i)))
  (func $far-sum (param $p i32) (param $i i32) (result i32)
    (i32.load8_u offset=0xfffefff0 (i32.add (local.get $p) (local.get $i))))
  (func $far-loop (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u offset=0xfffefff0 (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum))
  (func $far-constant (result i32)
    (i32.load8_u offset=0xfffeffff (i32.add (i32.const -1) (i32.const 1))))
  (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
  (func $expect (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
  (func (export "_start")
    (call $expect (call $walk (i32.const -65552) (i32.const -65536)) (i32.const 376))
    (call $expect (call $pairs (i32.const -65552) (i32.const -65536)) (i32.const 376))
    (call $expect (call $then-65536 (i32.const 0)) (i32.const 0x100))
    (call $expect (call $then-65537 (i32.const -65537)) (i32.const 0x1f01))
    (call $expect (call $offset-then-65553 (i32.const -65553)) (i32.const 0x1f01))
    (call $expect (call $by-65536 (i32.const 1) (i32.const 2)) (i32.const 0x200))
    (call $expect (call $by-65536 (i32.const -65537) (i32.const 1)) (i32.const 0x1f))
    (call $expect (call $by-65537 (i32.const -65537) (i32.const 2)) (i32.const 0x1f01))
    (call $expect (call $far (i32.const 0)) (i32.const 0x10))
    (call $expect (call $far (i32.const 15)) (i32.const 0x1f))
    (call $expect (call $far-sum (i32.const -8) (i32.const 9)) (i32.const 0x11))
    (call $expect (call $far-loop (i32.const 16)) (i32.const 376))
    (call $expect (call $far-constant) (i32.const 0x1f))
    (call $expect (call $grow (i32.const 0)) (i32.const 65535))))
