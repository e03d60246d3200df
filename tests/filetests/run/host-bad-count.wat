;;! emit = "run"
;;! exit = 134
;; A pointer that leads the host out of the memory is a trap, as in wasmtime.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $write
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 8))))
  (func (export "_start") (call $write)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: write
;;      1: _start
