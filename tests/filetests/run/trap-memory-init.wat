;;! emit = "run"
;;! exit = 134
;; A dropped data segment has length 0.
(module
  (memory (export "memory") 1)
  (data $d "passive")
  (func $inner (data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: inner
;;      1: outer
;;      2: _start
