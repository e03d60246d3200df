;;! emit = "run"
;;! exit = 134
;; Each stack has a guard.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 2 shared))
  (export "memory" (memory 0))
  (func $thread (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (call $deeper (i32.const 0)))
  (func $deeper (param i32)
    (call $deeper (i32.add (local.get 0) (i32.const 1)))
    (i32.store (i32.const 0) (local.get 0)))
  (func (export "_start")
    (drop (call $spawn (i32.const 7)))
    ;; For ever: only the other thread can end the program.
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))))

;; stderr:
;;   wasm trap: call stack exhausted
;;      0: deeper
;;      1: deeper
;;      2: deeper
;;      3: deeper
;;      4: deeper
;;      5: deeper
;;      6: deeper
;;      7: deeper
;;      8: deeper
;;      9: deeper
;;     10: deeper
;;     11: deeper
;;     12: deeper
;;     13: deeper
;;     14: deeper
;;     15: deeper
;;     16: deeper
;;     17: deeper
;;     18: deeper
;;     19: deeper
;;     20: deeper
;;     21: deeper
;;     22: deeper
;;     23: deeper
;;     24: deeper
;;     25: deeper
;;     26: deeper
;;     27: deeper
;;     28: deeper
;;     29: deeper
;;     30: deeper
;;     31: deeper
;;     32: deeper
;;     33: deeper
;;     34: deeper
;;     35: deeper
;;     36: deeper
;;     37: deeper
;;     38: deeper
;;     39: deeper
;;     40: deeper
;;     41: deeper
;;     42: deeper
;;     43: deeper
;;     44: deeper
;;     45: deeper
;;     46: deeper
;;     47: deeper
;;     48: deeper
;;     49: deeper
;;     50: deeper
;;     51: deeper
;;     52: deeper
;;     53: deeper
;;     54: deeper
;;     55: deeper
;;     56: deeper
;;     57: deeper
;;     58: deeper
;;     59: deeper
;;     60: deeper
;;     61: deeper
;;     62: deeper
;;     63: deeper
;;     ... and more
