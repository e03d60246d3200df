;;! emit = "run"
;;! exit = 134
;; GHSA-q8hx-mm92-4wvg (CVE-2024-47763, 2024-10-09): a function of the host, called in the place of its caller, traps.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $write (param i32) (result i32)
    (return_call $fd_write (i32.const 1) (local.get 0) (i32.const 1) (i32.const 8)))
  (func $indirect (param i32) (result i32) (return_call $write (local.get 0)))
  (func (export "_start")
    (drop (call $indirect (i32.const 8)))
    (drop (call $indirect (i32.const 65532)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: write
;;      1: _start
