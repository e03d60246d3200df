;;! emit = "run"
;;! exit = 134
;; As run/trap-type-mismatch, with a table that is written.
(module
  (table 2 funcref)
  (elem declare func $number)
  (func $number (result i32) (i32.const 1))
  (func $inner (table.set (i32.const 1) (ref.func $number)) (call_indirect (i32.const 1)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: indirect call type mismatch
;;      0: inner
;;      1: outer
;;      2: _start
