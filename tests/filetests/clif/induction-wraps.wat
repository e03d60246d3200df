;;! emit = "clif"
;;! function = "backwards"
;; Nothing is changed: the counter goes down through 0, and what the pointer is isn't known before it is accessed.
(module
  (memory (export "memory") 2)
  (func $backwards (param $p i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const -4)))
      (br_if $next (local.get $sum)))
    (local.get $sum))
  (func (export "_start") (drop (call $backwards (i32.const 0)))))

;; ;; backwards
;; function u0:0(i32) -> i32 system_v {
;;     region0 = 0 "heap"
;;
;; block0(v0: i32):
;;     v4 -> v0
;;     v2 = iconst.i32 0
;;     jump block2(v2, v2)  ; v2 = 0, v2 = 0
;;
;; block2(v3: i32, v5: i32):
;;     v6 = iadd.i32 v4, v5
;;     v7 = uextend.i64 v6
;;     v8 = iconst.i64 0x1000_0000
;;     v9 = iadd v8, v7  ; v8 = 0x1000_0000
;;     v10 = load.i32 little region0 v9
;;     v11 = iadd v3, v10
;;     v12 = iconst.i32 -4
;;     v13 = iadd v5, v12  ; v12 = -4
;;     brif v11, block2(v11, v13), block3
;;
;; block3:
;;     jump block1(v11)
;;
;; block1(v1: i32):
;;     return v1
;; }
