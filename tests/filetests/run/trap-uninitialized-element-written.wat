;;! emit = "run"
;;! exit = 134
;; `call_indirect` through a null element of a table that is written.
(module
  (table 2 funcref)
  (func $inner (table.set (i32.const 0) (ref.null func)) (call_indirect (i32.const 0)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: uninitialized element
;;      0: inner
;;      1: outer
;;      2: _start
