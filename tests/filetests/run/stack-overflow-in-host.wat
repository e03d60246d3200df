;;! emit = "run"
;;! exit = 134
;; The stack ends inside a function of the runtime: that is a trap of the program too.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; Prints a number in 8 hexadecimal digits and a line feed; uses bytes 0 to 31.
  (func $hex (param $n i32)
    (local $i i32) (local $d i32)
    (local.set $i (i32.const 8))
    (loop $next
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $d (i32.and (local.get $n) (i32.const 15)))
      (i32.store8 offset=16 (local.get $i)
        (i32.add (local.get $d) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10)))))
      (local.set $n (i32.shr_u (local.get $n) (i32.const 4)))
      (br_if $next (local.get $i)))
    (i32.store8 (i32.const 24) (i32.const 10))
    (call $print (i32.const 16) (i32.const 9)))
  (memory (export "memory") 1)
  (func $deeper (param i32) (result i32)
    (call $print (i32.const 0) (i32.const 0))
    (i32.add (call $deeper (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "_start") (drop (call $deeper (i32.const 0)))))

;; stderr:
;;   wasm trap: call stack exhausted
;;      0: print
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
