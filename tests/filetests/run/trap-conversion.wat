;;! emit = "run"
;;! exit = 134
;; A NaN has no integer value.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\00\00\00\00\00\f8\7f")
  (func $inner (drop (i32.trunc_f64_s (f64.load (i32.const 0)))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: invalid conversion to integer
;;      0: inner
;;      1: outer
;;      2: _start
