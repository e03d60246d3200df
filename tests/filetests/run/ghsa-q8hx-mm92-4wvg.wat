;;! emit = "run"
;;! exit = 134
;; GHSA-q8hx-mm92-4wvg (CVE-2024-47763, 2024-10-09): a backtrace through functions that took the place of their
;; callers, with more arguments than those had. Who called whom by a tail call isn't on the stack any more.
(module
  (func $caller (call $first (i32.const 1)))
  (func $first (param i32) (return_call $second (local.get 0) (i64.const 2)))
  (func $second (param i32 i64)
    (return_call $third (local.get 0) (local.get 1) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10) (i64.const 11) (i64.const 12)))
  (func $third (param i32 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (call $fourth (i64.add (local.get 1) (local.get 11))))
  (func $fourth (param i64) (if (i64.eq (local.get 0) (i64.const 14)) (then (return_call $fifth))))
  (func $fifth unreachable)
  (func (export "_start") (call $caller)))

;; stderr:
;;   wasm trap: unreachable
;;      0: fifth
;;      1: third
;;      2: caller
;;      3: _start
