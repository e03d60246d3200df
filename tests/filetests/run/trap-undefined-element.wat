;;! emit = "run"
;;! exit = 134
;; `call_indirect` with an index beyond the table.
(module
  (table 2 funcref)
  (func $inner (call_indirect (i32.const 2)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: undefined element
;;      0: inner
;;      1: outer
;;      2: _start
