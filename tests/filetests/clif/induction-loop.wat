;;! emit = "clif"
;;! function = "through"
;; The counters are known: no sum wraps. So both indices are computed in 64 bits, with the counter's bits, and the second element of
;; each pair is at an offset. Nothing is known of the last pointer before it is accessed, and then that 4 more don't wrap.
(module
  (memory (export "memory") 2)
  (func $through (param $row i32) (result i32)
    (local $i i32) (local $sum i32) (local $masked i32)
    (local.set $masked (i32.and (local.get $row) (i32.const 0xfff0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $i) (i32.const 1024)))))
      (local.set $sum (i32.add (local.get $sum)
        (i32.load (i32.add (i32.add (local.get $masked) (local.get $i)) (i32.const 4)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.ne (local.get $i) (i32.const 2880))))
    (i32.add (local.get $sum)
      (i32.add (i32.load (local.get $row)) (i32.load (i32.add (local.get $row) (i32.const 4))))))
  (func (export "_start") (drop (call $through (i32.const 0)))))

;; ;; through
;; function u0:0(i32) -> i32 system_v {
;;     region0 = 0 "heap"
;;
;; block0(v0: i32):
;;     v28 -> v0
;;     v2 = iconst.i32 0
;;     v3 = iconst.i32 0xfff0
;;     v4 = band v0, v3  ; v3 = 0xfff0
;;     v14 -> v4
;;     v43 = uextend.i64 v2  ; v2 = 0
;;     jump block2(v2, v43)  ; v2 = 0
;;
;; block2(v5: i32, v41: i64):
;;     v42 = ireduce.i32 v41
;;     v6 -> v42
;;     v7 = iconst.i32 1024
;;     v8 = iadd v6, v7  ; v7 = 1024
;;     v9 = uextend.i64 v8
;;     v10 = iconst.i64 0x1000_0000
;;     v11 = iadd v10, v9  ; v10 = 0x1000_0000
;;     v45 = iadd v10, v41  ; v10 = 0x1000_0000
;;     v12 = load.i32 little region0 v45+1024
;;     v13 = iadd v5, v12
;;     v15 = iadd.i32 v14, v6
;;     v16 = iconst.i32 4
;;     v17 = iadd v15, v16  ; v16 = 4
;;     v18 = uextend.i64 v17
;;     v19 = iconst.i64 0x1000_0000
;;     v20 = iadd v19, v18  ; v19 = 0x1000_0000
;;     v46 = uextend.i64 v4
;;     v47 = iadd v19, v46  ; v19 = 0x1000_0000
;;     v48 = iadd v47, v41
;;     v21 = load.i32 little region0 v48+4
;;     v22 = iadd v13, v21
;;     v23 = iconst.i32 8
;;     v24 = iadd v6, v23  ; v23 = 8
;;     v25 = iconst.i32 2880
;;     v26 = icmp ne v24, v25  ; v25 = 2880
;;     v27 = uextend.i32 v26
;;     v44 = uextend.i64 v24
;;     brif v27, block2(v22, v44), block3
;;
;; block3:
;;     v29 = uextend.i64 v0
;;     v30 = iconst.i64 0x1000_0000
;;     v31 = iadd v30, v29  ; v30 = 0x1000_0000
;;     v32 = load.i32 little region0 v31
;;     v33 = iconst.i32 4
;;     v34 = iadd.i32 v28, v33  ; v33 = 4
;;     v35 = uextend.i64 v34
;;     v36 = iconst.i64 0x1000_0000
;;     v37 = iadd v36, v35  ; v36 = 0x1000_0000
;;     v49 = uextend.i64 v0
;;     v50 = iadd v36, v49  ; v36 = 0x1000_0000
;;     v38 = load.i32 little region0 v50+4
;;     v39 = iadd v32, v38
;;     v40 = iadd.i32 v22, v39
;;     jump block1(v40)
;;
;; block1(v1: i32):
;;     return v1
;; }
