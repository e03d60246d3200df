;; Throws to the caller, as fast as it can.
(module
  (memory (export "memory") 1)
  (tag $e (param i32))
  (func $throw (param i32) (result i32) (throw $e (local.get 0)))
  (func $catch (param i32) (result i32)
    (block $h (result i32) (try_table (result i32) (catch $e $h) (call $throw (local.get 0)))))
  (func (export "_start") (local $i i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $catch (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 300000))))
    (if (i32.eqz (local.get $sum)) (then (unreachable)))))
