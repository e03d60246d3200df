;;! emit = "run"
;;! exit = 134
;; Accesses of a shared memory are checked in every thread.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 2 shared))
  (export "memory" (memory 0))
  (func $thread (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (i32.store (i32.const 131072) (local.get $argument)))
  (func (export "_start")
    (drop (call $spawn (i32.const 7)))
    ;; For ever: only the other thread can end the program.
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: thread
