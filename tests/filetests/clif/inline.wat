;;! emit = "clif"
;;! function = ["_start", "twice", "recursive"]
;;! passes = ["inline", "devirtualise"]
;; Small functions are in the place of their calls, and what is in them, too. One that is called nowhere else has no code of its
;; own, one that calls itself stays.
(module
  (memory 1)
  (func $load (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func $sum (param i32 i32) (result i32)
    (i32.add (call $load (local.get 0)) (call $load (local.get 1))))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $recursive (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $recursive (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 7))))
  (func (export "_start")
    (i32.store (i32.const 0)
      (call $twice (call $sum (i32.const 8) (call $recursive (i32.const 3)))))))

;; ;; recursive
;; function u0:0(i32) -> i32 system_v {
;;     sig0 = (i32) -> i32 system_v
;;     fn0 = colocated u0:3 sig0
;;
;; block0(v0: i32):
;;     brif v0, block3, block4
;;
;; block3:
;;     v3 = iconst.i32 1
;;     v4 = isub.i32 v0, v3  ; v3 = 1
;;     v5 = call fn0(v4)
;;     jump block2(v5)
;;
;; block4:
;;     v6 = iconst.i32 7
;;     jump block2(v6)  ; v6 = 7
;;
;; block2(v2: i32):
;;     jump block1(v2)
;;
;; block1(v1: i32):
;;     return v1
;; }
;;
;; ;; _start
;; function u0:0() system_v {
;;     region0 = 0 "heap"
;;     sig0 = (i32) -> i32 system_v
;;     sig1 = (i32, i32) -> i32 system_v
;;     sig2 = (i32) -> i32 system_v
;;     sig3 = (i32) -> i32 system_v
;;     fn0 = colocated u0:3 sig0
;;     fn1 = colocated u0:1 sig1
;;     fn2 = colocated u0:2 sig2
;;     fn3 = colocated u0:0 sig3
;;
;; block0:
;;     v0 = iconst.i32 0
;;     v1 = iconst.i32 8
;;     v2 = iconst.i32 3
;;     v3 = call fn0(v2)  ; v2 = 3
;;     jump block2
;;
;; block2:
;;     jump block4
;;
;; block4:
;;     v15 = uextend.i64 v1  ; v1 = 8
;;     v16 = iconst.i64 0x1000_0000
;;     v17 = iadd v16, v15  ; v16 = 0x1000_0000
;;     v18 = load.i32 little region0 v17+4
;;     jump block5(v18)
;;
;; block5(v10: i32):
;;     jump block6(v10)
;;
;; block6(v11: i32):
;;     jump block7
;;
;; block7:
;;     v19 = uextend.i64 v3
;;     v20 = iconst.i64 0x1000_0000
;;     v21 = iadd v20, v19  ; v20 = 0x1000_0000
;;     v22 = load.i32 little region0 v21+4
;;     jump block8(v22)
;;
;; block8(v12: i32):
;;     jump block9(v12)
;;
;; block9(v13: i32):
;;     v23 = iadd.i32 v11, v13
;;     jump block3(v23)
;;
;; block3(v9: i32):
;;     jump block10(v9)
;;
;; block10(v14: i32):
;;     v4 -> v14
;;     jump block11
;;
;; block11:
;;     v26 = iconst.i32 2
;;     v27 = imul.i32 v4, v26  ; v26 = 2
;;     jump block12(v27)
;;
;; block12(v24: i32):
;;     jump block13(v24)
;;
;; block13(v25: i32):
;;     v5 -> v25
;;     v6 = uextend.i64 v0  ; v0 = 0
;;     v7 = iconst.i64 0x1000_0000
;;     v8 = iadd v7, v6  ; v7 = 0x1000_0000
;;     store little region0 v5, v8
;;     jump block1
;;
;; block1:
;;     return
;; }
