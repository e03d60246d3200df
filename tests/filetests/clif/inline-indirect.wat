;;! emit = "clif"
;;! function = "_start"
;;! inline = true
;; Nothing writes the table, and one function of this signature is in it: its call is direct, and inlined. Another index traps as it
;; always did.
(module
  (type $unary (func (param i32) (result i32)))
  (memory 1)
  (table 4 4 funcref)
  (elem (i32.const 1) $nothing $double)
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $nothing)
  (func (export "_start")
    (i32.store (i32.const 0)
      (call_indirect (type $unary) (i32.const 21) (i32.load (i32.const 4))))))
