;;! emit = "run"
;;! exit = 7
;; An exception is caught in the thread that throws it, also one that is kept.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 2 shared))
  (export "memory" (memory 0))
  (tag $tag (param i32))
  (func $throws (param i32) (throw $tag (local.get 0)))
  (func $thread (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (local $kept exnref)
    (block $caught (result i32 exnref)
      (try_table (catch_ref $tag $caught) (call $throws (local.get $argument)))
      unreachable)
    (local.set $kept)
    drop
    (block $again (result i32)
      (try_table (catch $tag $again) (throw_ref (local.get $kept)))
      unreachable)
    (call $exit))
  (func (export "_start")
    (drop (call $spawn (i32.const 7)))
    ;; For ever: only the other thread can end the program.
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))))
