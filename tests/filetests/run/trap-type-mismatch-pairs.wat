;;! emit = "run"
;;! exit = 134
;; As run/trap-type-mismatch, with a table that is too large for code arrays.
(module
  (table 10000 funcref)
  (elem (i32.const 9000) $number)
  (func $number (result i32) (i32.const 1))
  (func $inner (call_indirect (i32.const 9000)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: indirect call type mismatch
;;      0: inner
;;      1: outer
;;      2: _start
