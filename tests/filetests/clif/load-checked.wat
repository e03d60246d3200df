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
;;     v3 = iconst.i64 0xffb8
;;     v4 = icmp ugt v2, v3  ; v3 = 0xffb8
;;     trapnz v4, user2
;;     v5 = symbol_value.i64 gv0
;;     v6 = load.i64 notrap aligned readonly can_move region0 v5
;;     v7 = iadd v6, v2
;;     v8 = load.f64 little region1 v7+64
;;     jump block1(v8)
;;
;; block1(v1: f64):
;;     return v1
;; }
