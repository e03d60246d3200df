;;! emit = "run"
;;! exit = 134
;; A store at the largest address and offset.
(module
  (memory (export "memory") 1)
  (func $inner (i64.store offset=0xffffffff (i32.const -1) (i64.const 1)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: outer
;;      2: _start
