;;! emit = "clif"
;; Only what the start function can reach is compiled: not `dead` and what it calls, not elements
;; of a table with a signature that is never called, not exports other than the start function.
(module
  (type $called (func (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $element $other-signature)
  (func $element (type $called) (i32.const 1))
  (func $other-signature (param i32))
  (func $dead-too)
  (func $dead (export "unused") (call $dead-too))
  (func (export "_start")
    (drop (call_indirect (type $called) (i32.const 0)))))

;; ;; element
;; function u0:0() -> i32 system_v {
;; block0:
;;     v1 = iconst.i32 1
;;     jump block1(v1)  ; v1 = 1
;;
;; block1(v0: i32):
;;     return v0
;; }
;;
;; ;; _start
;; function u0:0() system_v {
;;     gv0 = symbol colocated userextname0
;;     sig0 = () -> i32 system_v
;;
;; block0:
;;     v0 = iconst.i32 0
;;     v1 = uextend.i64 v0  ; v0 = 0
;;     v2 = iconst.i64 2
;;     v3 = icmp uge v1, v2  ; v2 = 2
;;     trapnz v3, user4
;;     v4 = symbol_value.i64 gv0
;;     v5 = iconst.i64 3
;;     v6 = ishl v1, v5  ; v5 = 3
;;     v7 = iadd v4, v6
;;     v8 = load.i64 notrap aligned readonly v7
;;     v9 = call_indirect sig0, v8()
;;     jump block1
;;
;; block1:
;;     return
;; }
;;
;; ;; Main
;; function u0:0() system_v {
;;     sig0 = () system_v
;;     fn0 = colocated u0:4 sig0
;;
;; block0:
;;     call fn0()
;;     return
;; }
;;
;; ;; UninitializedStub
;; function u0:0() system_v {
;; block0:
;;     trap user5
;; }
;;
;; ;; MismatchStub
;; function u0:0() system_v {
;; block0:
;;     trap user6
;; }
