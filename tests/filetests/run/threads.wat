;;! emit = "run"
;; Threads share the memory that the module imports. Each has the globals for itself, with their initial
;; values, and runs the start function.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 4 shared))
  (export "memory" (memory 0))
  (global $mine (mut i32) (i32.const 1000))
  (data $text "threads: ok\n")
  (start $init)
  (func $init (global.set $mine (i32.add (global.get $mine) (i32.const 7))))
  (func (export "wasi_thread_start") (param $tid i32) (param $arg i32)
    (local $i i32)
    (if (i32.ne (global.get $mine) (i32.const 1007)) (then unreachable))
    (loop $again
      (global.set $mine (i32.add (global.get $mine) (i32.const 1)))
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (if (i32.ne (global.get $mine) (i32.const 2007)) (then unreachable))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
  (func (export "_start")
    (local $i i32) (local $n i32)
    (memory.init $text (i32.const 64) (i32.const 0) (i32.const 12))
    (loop $spawns
      (if (i32.lt_s (call $spawn (local.get $i)) (i32.const 1)) (then unreachable))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $spawns (i32.lt_u (local.get $i) (i32.const 50))))
    (block $done
      (loop $wait
        (local.set $n (i32.atomic.load (i32.const 4)))
        (br_if $done (i32.eq (local.get $n) (i32.const 50)))
        (drop (memory.atomic.wait32 (i32.const 4) (local.get $n) (i64.const -1)))
        (br $wait)))
    (if (i32.ne (global.get $mine) (i32.const 1007)) (then unreachable))
    (if (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 50000)) (then unreachable))
    (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 12))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))

;; stdout:
;;   threads: ok
