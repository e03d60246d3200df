;;! emit = "run"
;;! fuel = 130
;;! exit = 134
;; Fuel is counted across calls, exceptions and tail calls, and the trap is in the loop.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "*\n")
  (tag $odd)
  (func $check (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $odd))))
  (func $down (param i32) (if (local.get 0) (then (return_call $down (i32.sub (local.get 0) (i32.const 1))))))
  (func $round (export "_start") (local $i i32)
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 2))
    (loop $l
      (block $caught (try_table (catch $odd $caught) (call $check (local.get $i))))
      (call $down (local.get $i))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $l))))

;; stdout:
;;   *
;;   *
;;   *
;; stderr:
;;   wasm trap: out of fuel
;;      0: down
;;      1: round
