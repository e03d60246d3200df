;;! emit = "run"
;;! exit = 134
;; A float that is too large for the integer type.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\00\80\4f")
  (func $inner (drop (i32.trunc_f32_u (f32.load (i32.const 0)))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: integer overflow
;;      0: inner
;;      1: outer
;;      2: _start
