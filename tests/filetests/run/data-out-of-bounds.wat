;;! emit = "run"
;;! exit = 134
;; An active segment that doesn't fit traps when the program starts, after those before it.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "fits")
  (data (i32.const 65533) "does not")
  (func (export "_start")))

;; stderr:
;;   wasm trap: out of bounds memory access
