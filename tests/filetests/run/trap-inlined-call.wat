;;! emit = "run"
;;! passes = ["inline", "devirtualise"]
;;! exit = 134
;; The frame that an inlined function calls another one from.
(module
  (memory 1)
  (func $fail (param $depth i32) (result i32)
    (if (result i32) (local.get $depth)
      (then (call $fail (i32.sub (local.get $depth) (i32.const 1))))
      (else (i32.div_u (i32.const 1) (local.get $depth)))))
  (func $one (param $depth i32) (result i32) (i32.add (call $fail (local.get $depth)) (i32.const 1)))
  (func $two (param $depth i32) (result i32)
    (i32.add (call $one (i32.const 1)) (call $one (local.get $depth))))
  (func (export "_start") (drop (call $two (i32.const 2)))))

;; stderr:
;;   wasm trap: integer divide by zero
;;      0: fail
;;      1: fail
;;      2: one
;;      3: two
;;      4: _start
