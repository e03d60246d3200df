;;! emit = "clif"
;;! function = "move"
;; Bulk operations check both ranges in 64 bits, then call the runtime.
(module
  (memory (export "memory") 1)
  (func $move (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "_start") (call $move (i32.const 0) (i32.const 1) (i32.const 2))))

;; ;; move
;; function u0:0(i32, i32, i32) system_v {
;;     sig0 = (i64, i64, i64) system_v
;;     fn0 = colocated u1:7 sig0
;;
;; block0(v0: i32, v1: i32, v2: i32):
;;     v3 = iconst.i64 0x0001_0000
;;     v4 = uextend.i64 v0
;;     v5 = uextend.i64 v2
;;     v6 = iadd v4, v5
;;     v7 = icmp ugt v6, v3  ; v3 = 0x0001_0000
;;     trapnz v7, user2
;;     v8 = iconst.i64 0x1000_0000
;;     v9 = iadd v8, v4  ; v8 = 0x1000_0000
;;     v10 = iconst.i64 0x0001_0000
;;     v11 = uextend.i64 v1
;;     v12 = uextend.i64 v2
;;     v13 = iadd v11, v12
;;     v14 = icmp ugt v13, v10  ; v10 = 0x0001_0000
;;     trapnz v14, user2
;;     v15 = iconst.i64 0x1000_0000
;;     v16 = iadd v15, v11  ; v15 = 0x1000_0000
;;     call fn0(v9, v16, v12)
;;     jump block1
;;
;; block1:
;;     return
;; }
