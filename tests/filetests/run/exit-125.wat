;;! emit = "run"
;;! exit = 125
;; The largest exit code that can't be mistaken for a signal or a shell's own.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $leave (call $exit (i32.const 125)) unreachable)
  (func (export "_start") (call $leave) unreachable))
