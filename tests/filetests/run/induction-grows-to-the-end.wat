;;! emit = "run"
;; A loop in which a memory grows as soon as an index reaches its end, up to the last page but one of 4 GiB: there is no page 65,536,
;; unless a memory begins with it. It traps if something is wrong.
(module
  (memory 65534)
  (func $fill (param $p i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.eq (i32.add (local.get $p) (local.get $i)) (i32.shl (memory.size) (i32.const 16)))
        (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (return (local.get $i))))))
      (i32.store8 (i32.add (local.get $p) (local.get $i)) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 4096)))
      (br $next))
    (unreachable))
  (func $wrap (param $p i32) (param $rounds i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 69632)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func $size (result i32) (memory.size))
  (func $expect (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
  (func (export "_start")
    (call $expect (call $fill (i32.const -135168)) (i32.const 69632))
    (call $expect (call $size) (i32.const 65535))
    (call $expect (call $wrap (i32.const -69632) (i32.const 2)) (i32.const 1))))
