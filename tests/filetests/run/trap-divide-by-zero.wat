;;! emit = "run"
;;! exit = 134
;; Division by zero.
(module
  (memory (export "memory") 1)
  (func $inner (drop (i64.rem_u (i64.const 7) (i64.load (i32.const 0)))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: integer divide by zero
;;      0: inner
;;      1: outer
;;      2: _start
