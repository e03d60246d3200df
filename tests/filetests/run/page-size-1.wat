;;! emit = "run"
;;! exit = 134
;; Data up to the last byte of a memory that ends inside a page, growth by bytes, and a trap one byte
;; beyond.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 5003 6000 (pagesize 1))
  (data (i32.const 0) "\10\00\00\00\06\00\00\00")
  (data (i32.const 16) "hello\0a")
  (data (i32.const 4990) "up to the end")
  (func $inner (drop (i32.load8_u (i32.const 5010))))
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (i32.store (i32.const 0) (i32.const 4990))
    (i32.store (i32.const 4) (i32.const 13))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (if (i32.ne (memory.grow (i32.const 7)) (i32.const 5003)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const 991)) (i32.const -1)) (then unreachable))
    (if (i32.load8_u (i32.const 5009)) (then unreachable))
    (call $inner)))

;; stdout:
;;   hello
;;   up to the end
;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: _start
