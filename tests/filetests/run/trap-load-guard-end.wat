;;! emit = "run"
;;! exit = 134
;; The largest address with the largest offset that the guard region covers.
(module
  (memory (export "memory") 1)
  (func $inner (drop (i64.load offset=0x40000000 (i32.const -1))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: outer
;;      2: _start
