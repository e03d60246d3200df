;;! emit = "run"
;;! exit = 42
;; `proc_exit` in any thread ends the program.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 2 shared))
  (export "memory" (memory 0))
  (func $thread (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (call $exit (i32.mul (local.get $argument) (i32.const 6))))
  (func (export "_start")
    (drop (call $spawn (i32.const 7)))
    ;; For ever: only the other thread can end the program.
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))))
