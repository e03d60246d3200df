;;! emit = "run"
;;! exit = 134
;; `call_indirect` with another signature than the element's.
(module
  (table 2 funcref)
  (elem (i32.const 0) $number)
  (func $number (result i32) (i32.const 1))
  (func $inner (call_indirect (i32.const 0)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: indirect call type mismatch
;;      0: inner
;;      1: outer
;;      2: _start
