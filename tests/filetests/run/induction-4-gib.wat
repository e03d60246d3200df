;;! emit = "run"
;; A memory of 4 GiB has no byte behind its last one but its first, so accesses without an offset prove nothing: `optimise/induction`.
;; It traps if something is wrong.
(module
  (memory 65536)
  (func $fill
    (i32.store (i32.const -8) (i32.const 1)) (i32.store (i32.const -4) (i32.const 2))
    (i32.store (i32.const 0) (i32.const 3)) (i32.store (i32.const 4) (i32.const 4)))
  ;; The digits of what is at p, at p + 4, ... until p is `end`.
  (func $digits (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.load (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func $pairs (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.load (local.get $p))))
      (local.set $sum
        (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.load (i32.add (local.get $p) (i32.const 4)))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func $indexed (param $p i32) (param $end i32) (result i32) (local $sum i32) (local $i i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10))
        (i32.load (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (i32.ne (local.get $i) (local.get $end))))
    (local.get $sum))
  (func $grow (param i32) (result i32) (memory.grow (local.get 0)))
  (func $expect (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
  (func (export "_start")
    (call $fill)
    (call $expect (call $digits (i32.const -8) (i32.const 8)) (i32.const 1234))
    (call $expect (call $pairs (i32.const -8) (i32.const 8)) (i32.const 1234))
    (call $expect (call $pairs (i32.const -4) (i32.const 4)) (i32.const 23))
    (call $expect (call $indexed (i32.const -8) (i32.const 16)) (i32.const 1234))
    (call $expect (call $grow (i32.const 0)) (i32.const 65536))
    (call $expect (call $grow (i32.const 1)) (i32.const -1))))
