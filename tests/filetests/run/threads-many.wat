;;! emit = "run"
;; 2000 threads, one after the other and up to 16 at a time: regions are used again, numbers are in bounds.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (global $seen (mut i32) (i32.const 0))
  (func (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (if (global.get $seen) (then unreachable))
    (global.set $seen (local.get $thread))
    (if (i32.lt_s (local.get $thread) (i32.const 1)) (then unreachable))
    (drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
  (func (export "_start")
    (local $started i32) (local $ended i32) (local $thread i32)
    (loop $again
      (local.set $ended (i32.atomic.load (i32.const 4)))
      (if (i32.ge_u (i32.sub (local.get $started) (local.get $ended)) (i32.const 16))
        (then
          (drop (memory.atomic.wait32 (i32.const 4) (local.get $ended) (i64.const -1)))
          (br $again)))
      (local.set $thread (call $spawn (i32.const 3)))
      (if (i32.lt_s (local.get $thread) (i32.const 1)) (then unreachable))
      ;; As many regions as threads at a time, and some whose thread has not quite ended.
      (if (i32.gt_s (local.get $thread) (i32.const 64)) (then unreachable))
      (local.set $started (i32.add (local.get $started) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $started) (i32.const 2000))))
    (loop $wait
      (drop (call $yield))
      (br_if $wait (i32.ne (i32.atomic.load (i32.const 4)) (i32.const 2000))))
    (if (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 6000)) (then unreachable))))
