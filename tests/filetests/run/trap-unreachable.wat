;;! emit = "run"
;;! exit = 134
;; `unreachable`, with a backtrace.
(module
  (func $inner unreachable)
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: unreachable
;;      0: inner
;;      1: outer
;;      2: _start
