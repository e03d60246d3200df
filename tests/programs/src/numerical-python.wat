;; Makes a command of the package's Python, a reactor: `run` takes the arguments of the program and returns
;; its exit code. `host.call` is how scripts reach functions of the host, which no test does.
(module
  (import "library" "_initialize" (func $initialize))
  (import "library" "run" (func $run (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (func (export "call") (param i32 i32 i32 i32) (result i32) i32.const -1)
  ;; In place of the library's, which may only be called once: wasmtime calls it before `_start`, too.
  (func (export "_initialize"))
  (func (export "_start")
    (call $initialize)
    (call $proc_exit (call $run))))
