;;! emit = "clif"
;;! function = "dispatch"
;; A call through a table that is written: bounds, null (a faulting load) and signature.
(module
  (type $unary (func (param i32) (result i32)))
  (type $other (func))
  (table 4 4 funcref)
  (elem (i32.const 0) $double $negate $nothing)
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $negate (type $unary) (i32.sub (i32.const 0) (local.get 0)))
  (func $nothing)
  (func $dispatch (param $which i32) (result i32)
    (call_indirect (type $unary) (i32.const 21) (local.get $which)))
  (func (export "_start")
    (drop (call $dispatch (i32.const 1)))
    (table.set (i32.const 3) (ref.func $double))))

;; ;; dispatch
;; function u0:0(i32) -> i32 system_v {
;;     region0 = 2 "tables"
;;     gv0 = symbol colocated userextname0
;;     sig0 = (i32) -> i32 system_v
;;
;; block0(v0: i32):
;;     v2 = iconst.i32 21
;;     v3 = uextend.i64 v0
;;     v4 = symbol_value.i64 gv0
;;     v5 = load.i64 notrap aligned region0 v4+8
;;     v6 = icmp uge v3, v5
;;     trapnz v6, user4
;;     v7 = symbol_value.i64 gv0
;;     v8 = load.i64 notrap aligned region0 v7
;;     v9 = iconst.i64 3
;;     v10 = ishl v3, v9  ; v9 = 3
;;     v11 = iadd v8, v10
;;     v12 = load.i64 notrap aligned region0 v11
;;     v13 = load.i64 user5 aligned v12+8
;;     v14 = iconst.i64 0
;;     v15 = icmp ne v13, v14  ; v14 = 0
;;     trapnz v15, user6
;;     v16 = load.i64 notrap aligned v12
;;     v17 = call_indirect sig0, v16(v2)  ; v2 = 21
;;     jump block1(v17)
;;
;; block1(v1: i32):
;;     return v1
;; }
