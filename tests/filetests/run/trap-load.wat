;;! emit = "run"
;;! exit = 134
;; A load just beyond the memory.
(module
  (memory (export "memory") 1)
  (func $inner (drop (i32.load8_u (i32.const 65536))))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: outer
;;      2: _start
