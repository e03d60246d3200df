;;! emit = "run"
;;! passes = ["inline", "devirtualise"]
;;! exit = 134
;; Functions that were inlined are in the backtrace as if they hadn't been.
(module
  (memory 1)
  (func $load (param $at i32) (result i32) (i32.load (local.get $at)))
  (func $sum (param $a i32) (param $b i32) (result i32)
    (i32.add (call $load (local.get $a)) (call $load (local.get $b))))
  (func $middle (param $at i32) (result i32) (call $sum (i32.const 0) (local.get $at)))
  (func (export "_start") (drop (call $middle (i32.const -1)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: load
;;      1: sum
;;      2: middle
;;      3: _start
