;;! emit = "clif"
;;! function = "get"
;; The address as translated: constant base plus zero-extended index; the offset is the instruction's.
(module
  (memory (export "memory") 1)
  (func $get (param $p i32) (result f64) (f64.load offset=64 (local.get $p)))
  (func (export "_start") (drop (call $get (i32.const 0)))))

;; ;; get
;; function u0:0(i32) -> f64 system_v {
;;     region0 = 0 "heap"
;;
;; block0(v0: i32):
;;     v2 = uextend.i64 v0
;;     v3 = iconst.i64 0x1000_0000
;;     v4 = iadd v3, v2  ; v3 = 0x1000_0000
;;     v5 = load.f64 little region0 v4+64
;;     jump block1(v5)
;;
;; block1(v1: f64):
;;     return v1
;; }
