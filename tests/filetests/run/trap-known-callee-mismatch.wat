;;! emit = "run"
;;! passes = ["inline", "devirtualise"]
;;! exit = 134
;; A devirtualised call whose element has another signature.
(module
  (type $unary (func (param i32) (result i32)))
  (memory 1)
  (data (i32.const 0) "\02\00\00\00\01\00\00\00")
  (table 4 4 funcref)
  (elem (i32.const 1) $nothing $double)
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $nothing)
  (func $call (param $at i32) (result i32)
    (call_indirect (type $unary) (i32.const 21) (i32.load (local.get $at))))
  (func (export "_start")
    (if (i32.ne (call $call (i32.const 0)) (i32.const 42)) (then unreachable))
    (drop (call $call (i32.const 4)))))

;; stderr:
;;   wasm trap: indirect call type mismatch
;;      0: call
;;      1: _start
