;; 10 million calls of `random.get-random-u64`.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))))
  (core func $next (canon lower (func $random "get-random-u64")))
  (core module $m
    (import "random" "next" (func $next (result i64)))
    (func (export "run") (result i32)
      (local $left i32) (local $bits i64)
      (local.set $left (i32.const 10000000))
      (loop $again
        (local.set $bits (i64.or (local.get $bits) (call $next)))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      ;; Each bit was set once.
      (i64.ne (local.get $bits) (i64.const -1))))
  (core instance $i (instantiate $m (with "random" (instance (export "next" (func $next))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
