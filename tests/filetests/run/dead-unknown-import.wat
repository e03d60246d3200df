;;! emit = "run"
;;! trap-unknown-imports = true
;; An unknown import that is never called does no harm.
(module
  (import "env" "missing" (func $missing))
  (func $dead (call $missing))
  (func (export "_start")))
