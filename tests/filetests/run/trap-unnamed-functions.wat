;;! emit = "run"
;;! exit = 134
;; Functions without a name are shown by index.
(module
  (func unreachable)
  (func (call 0))
  (func (export "_start") (call 1)))

;; stderr:
;;   wasm trap: unreachable
;;      0: function 0
;;      1: function 1
;;      2: _start
