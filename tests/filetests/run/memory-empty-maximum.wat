;;! emit = "run"
;;! exit = 134
;; A memory that is empty for good.
(module
  (memory (export "memory") 0 0)
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))
  (func (export "_start")
    (call $check (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
    (i32.store8 (i32.const 0) (i32.const 1))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: _start
