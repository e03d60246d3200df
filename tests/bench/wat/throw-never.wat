;; The same as throw-rare, but nothing is thrown and nothing could catch.
(module
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func $fib (param i64) (result i64)
    (if (i64.lt_u (local.get 0) (i64.const 2))
      (then
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (if (i32.eqz (i32.and (global.get $count) (i32.const 0xfffff))) (then (return (local.get 0))))
        (return (local.get 0))))
    (i64.add (call $guarded (i64.sub (local.get 0) (i64.const 1)))
             (call $guarded (i64.sub (local.get 0) (i64.const 2)))))
  (func $guarded (param i64) (result i64)
    (call $fib (local.get 0)))
  (func (export "_start")
    (if (i64.eqz (call $fib (i64.const 37))) (then (unreachable)))))
