;;! emit = "clif"
;;! memory-guard = "none"
;;! function = "get"
;; As clif/load-guarded, checked against the constant size.
(module
  (memory (export "memory") 1)
  (func $get (param $p i32) (result f64) (f64.load offset=64 (local.get $p)))
  (func (export "_start") (drop (call $get (i32.const 0)))))

;; ;; get
;; function u0:0(i32) -> f64 system_v {
;;     region0 = 3 "memory descriptors"
;;     region1 = 0 "heap"
;;     gv0 = symbol colocated userextname0
;;
;; block0(v0: i32):
;;     v2 = uextend.i64 v0
;;     v3 = iconst.i64 72
;;     v4 = iadd v2, v3  ; v3 = 72
;;     v5 = iconst.i64 0x0001_0000
;;     v6 = icmp ugt v4, v5  ; v5 = 0x0001_0000
;;     trapnz v6, user2
;;     v7 = symbol_value.i64 gv0
;;     v8 = load.i64 notrap aligned readonly can_move region0 v7
;;     v9 = iadd v8, v2
;;     v10 = load.f64 little region1 v9+64
;;     jump block1(v10)
;;
;; block1(v1: f64):
;;     return v1
;; }
