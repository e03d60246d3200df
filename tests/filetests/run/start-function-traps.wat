;;! emit = "run"
;;! exit = 134
;; A trap in the start function.
(module
  (func $first unreachable)
  (start $first)
  (func (export "_start")))

;; stderr:
;;   wasm trap: unreachable
;;      0: first
