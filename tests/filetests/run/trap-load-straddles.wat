;;! emit = "run"
;;! exit = 134
;; A load whose last byte is beyond the memory.
(module
  (memory (export "memory") 1)
  (func $inner (drop (i64.load (i32.const 65529))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: outer
;;      2: _start
