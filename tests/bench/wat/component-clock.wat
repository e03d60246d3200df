;; 10 million calls of `monotonic-clock.now`.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $m
    (import "clock" "now" (func $now (result i64)))
    (func (export "run") (result i32)
      (local $left i32) (local $before i64) (local $after i64) (local $backwards i32)
      (local.set $left (i32.const 10000000))
      (loop $again
        (local.set $after (call $now))
        (local.set $backwards
          (i32.or (local.get $backwards) (i64.lt_u (local.get $after) (local.get $before))))
        (local.set $before (local.get $after))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.get $backwards)))
  (core instance $i (instantiate $m (with "clock" (instance (export "now" (func $now))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
