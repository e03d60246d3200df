;; Throws through 50 frames.
(module
  (memory (export "memory") 1)
  (tag $e (param i32))
  (func $deep (param $depth i32) (param $value i32) (result i32)
    (if (i32.eqz (local.get $depth)) (then (throw $e (local.get $value))))
    (i32.add (i32.const 1)
      (call $deep (i32.sub (local.get $depth) (i32.const 1)) (local.get $value))))
  (func $catch (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $deep (i32.const 50) (local.get 0)))))
  (func (export "_start") (local $i i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $catch (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 100000))))
    (if (i32.eqz (local.get $sum)) (then (unreachable)))))
