;;! emit = "run"
;;! exit = 134
;; An active element segment that doesn't fit traps when the program starts.
(module
  (table 1 funcref)
  (elem (i32.const 1) $f)
  (func $f)
  (func (export "_start")))

;; stderr:
;;   wasm trap: out of bounds table access
