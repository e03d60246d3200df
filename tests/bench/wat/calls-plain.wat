;; Three functions that call each other in the ordinary way, 1000 deep at most.
(module
  (memory (export "memory") 1)
  (func $a (param $n i32) (param $x i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
    (return (call $b (i32.sub (local.get $n) (i32.const 1)) (i64.add (local.get $x) (i64.const 7)))))
  (func $b (param $n i32) (param $x i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
    (return (call $c (i32.sub (local.get $n) (i32.const 1)) (i64.xor (local.get $x) (i64.extend_i32_u (local.get $n))))))
  (func $c (param $n i32) (param $x i64) (result i64)
    (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
    (return (call $a (i32.sub (local.get $n) (i32.const 1)) (i64.rotl (local.get $x) (i64.const 5)))))
  (func (export "_start") (local $i i32) (local $x i64)
    (loop $l
      (local.set $x (call $a (i32.const 1000) (local.get $x)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 300000))))
    (if (i64.eqz (local.get $x)) (then (unreachable)))))
