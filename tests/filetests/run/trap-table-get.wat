;;! emit = "run"
;;! exit = 134
;; `table.get` beyond the table.
(module
  (table 2 funcref)
  (func $inner (drop (table.get (i32.const 2))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds table access
;;      0: inner
;;      1: outer
;;      2: _start
