;;! emit = "run"
;;! exit = 134
;;! stack-size = 512
;; A stack of 512 KiB has no room for frames that are a small part of the default one of 8 MiB.
(module
  (func $deeper (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (call $deeper (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))
  (func (export "_start") (drop (call $deeper (i32.const 100000)))))

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
