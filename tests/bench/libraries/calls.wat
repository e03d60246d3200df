;; What calls cost.
(module
  (import "host" "nothing" (func $nothing))
  (func (export "empty"))
  (func (export "imports") (param i32)
    (loop $again
      (call $nothing)
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
