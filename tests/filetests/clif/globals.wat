;;! emit = "clif"
;;! function = "use"
;; As in asm/x86_64/globals.
(module
  (global $constant i32 (i32.const 42))
  (global $never-written (mut i64) (i64.const 7))
  (global $written (mut i32) (i32.const 1))
  (func $use (result i64)
    (i64.add (global.get $never-written)
      (i64.extend_i32_u (i32.add (global.get $written) (global.get $constant)))))
  (func $never-called (global.set $never-written (i64.const 8)))
  (func (export "_start")
    (global.set $written (i32.const 2))
    (drop (call $use))))

;; ;; use
;; function u0:0() -> i64 system_v {
;;     region0 = 1 "globals"
;;     gv0 = symbol colocated userextname0
;;
;; block0:
;;     v1 = iconst.i64 7
;;     v2 = symbol_value.i64 gv0
;;     v3 = load.i32 notrap aligned region0 v2
;;     v4 = iconst.i32 42
;;     v5 = iadd v3, v4  ; v4 = 42
;;     v6 = uextend.i64 v5
;;     v7 = iadd v1, v6  ; v1 = 7
;;     jump block1(v7)
;;
;; block1(v0: i64):
;;     return v0
;; }
