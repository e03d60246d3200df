;;! emit = "run"
;;! exit = 1
;; Exit code 1.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $leave (call $exit (i32.const 1)) unreachable)
  (func (export "_start") (call $leave) unreachable))
