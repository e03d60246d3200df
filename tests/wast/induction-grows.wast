;; Loops in which a memory grows: `compiler/src/optimise/induction`.

;; A loop in which the memory grows as soon as an index reaches its end.
(module
  (memory 1 3)
  (func (export "fill") (param $p i32) (param $n i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.eq (i32.add (local.get $p) (local.get $i)) (i32.shl (memory.size) (i32.const 16)))
        (then (drop (memory.grow (i32.const 1)))))
      (i32.store (i32.add (local.get $p) (local.get $i)) (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (memory.size))
  (func (export "sum") (param $p i32) (param $end i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
      (if (i32.gt_u (i32.load offset=4 (local.get $p)) (i32.const 0x1000_0000))
        (then (drop (memory.grow (i32.const 1)))))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (i32.const 4)))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum)))

(assert_return (invoke "fill" (i32.const 65520) (i32.const 16)) (i32.const 1))
(assert_return (invoke "sum" (i32.const 65520) (i32.const 65536)) (i32.const 24))
(assert_return (invoke "fill" (i32.const 65520) (i32.const 32)) (i32.const 2))
(assert_return (invoke "sum" (i32.const 65520) (i32.const 65552)) (i32.const 112))
(assert_return (invoke "fill" (i32.const 131064) (i32.const 65544)) (i32.const 3))
(assert_trap (invoke "fill" (i32.const 131064) (i32.const 65548)) "out of bounds memory access")
(assert_trap (invoke "sum" (i32.const 196600) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "fill" (i32.const -4) (i32.const 8)) "out of bounds memory access")
