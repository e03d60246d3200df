;;! emit = "run"
;;! exit = 134
;;! trap-unknown-imports = true
;; --trap-unknown-imports: the program runs until it calls the import, which the backtrace names.
(module
  (import "env" "missing" (func $missing))
  (func $inner (call $missing))
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))

;; stderr:
;;   wasm trap: call of an import that nothing provides
;;      0: env.missing
;;      1: inner
;;      2: outer
;;      3: _start
