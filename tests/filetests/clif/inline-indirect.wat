;;! emit = "clif"
;;! function = "_start"
;;! passes = ["inline", "devirtualise"]
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

;; ;; _start
;; function u0:0() system_v {
;;     region0 = 0 "heap"
;;     gv0 = symbol colocated userextname0
;;     sig0 = () system_v
;;     sig1 = (i32) -> i32 system_v
;;     fn0 = colocated u0:0 sig1
;;
;; block0:
;;     v0 = iconst.i32 0
;;     v1 = iconst.i32 21
;;     v2 = iconst.i32 4
;;     v3 = uextend.i64 v2  ; v2 = 4
;;     v4 = iconst.i64 0x1000_0000
;;     v5 = iadd v4, v3  ; v4 = 0x1000_0000
;;     v6 = load.i32 little region0 v5
;;     v7 = iconst.i32 2
;;     v8 = icmp eq v6, v7  ; v7 = 2
;;     brif v8, block2, block3
;;
;; block3 cold:
;;     v9 = uextend.i64 v6
;;     v10 = iconst.i64 4
;;     v11 = icmp uge v9, v10  ; v10 = 4
;;     trapnz v11, user4
;;     v12 = symbol_value.i64 gv0
;;     v13 = iconst.i64 3
;;     v14 = ishl v9, v13  ; v13 = 3
;;     v15 = iadd v12, v14
;;     v16 = load.i64 notrap aligned readonly v15
;;     call_indirect sig0, v16()
;;     trap user1
;;
;; block2:
;;     jump block4
;;
;; block4:
;;     v23 = iconst.i32 1
;;     v24 = ishl.i32 v1, v23  ; v1 = 21, v23 = 1
;;     jump block5(v24)
;;
;; block5(v21: i32):
;;     jump block6(v21)
;;
;; block6(v22: i32):
;;     v17 -> v22
;;     v18 = uextend.i64 v0  ; v0 = 0
;;     v19 = iconst.i64 0x1000_0000
;;     v20 = iadd v19, v18  ; v19 = 0x1000_0000
;;     store little region0 v17, v20
;;     jump block1
;;
;; block1:
;;     return
;; }
