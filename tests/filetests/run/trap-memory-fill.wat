;;! emit = "run"
;;! exit = 134
;; A bulk operation that ends beyond the memory does nothing at all.
(module
  (memory (export "memory") 1)
  (func $inner (memory.fill (i32.const 65530) (i32.const 1) (i32.const 7)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: outer
;;      2: _start
