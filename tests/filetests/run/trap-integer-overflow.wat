;;! emit = "run"
;;! exit = 134
;; The one signed division whose result doesn't fit.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\ff\ff\ff\ff")
  (func $inner (drop (i32.div_s (i32.const 0x80000000) (i32.load (i32.const 0)))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: integer overflow
;;      0: inner
;;      1: outer
;;      2: _start
