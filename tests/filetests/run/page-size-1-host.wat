;;! emit = "run"
;;! exit = 134
;; The host checks pointers to the byte, too: one byte beyond a memory that ends inside a page traps.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 5003 6000 (pagesize 1))
  (data (i32.const 0) "\7e\13\00\00\0d\00\00\00")
  (data (i32.const 4990) "up to the end")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (i32.store (i32.const 4) (i32.const 14))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))))

;; stdout:
;;   up to the end
;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: _start
