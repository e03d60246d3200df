;;! emit = "run"
;;! exit = 134
;; A memory of no pages: its size is 0, it can grow from nothing, bulk operations of length 0 at
;; its end succeed, and the first access beyond it traps.
(module
  (memory (export "memory") 0)
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))
  (func (export "_start")
    (call $check (i32.eqz (memory.size)))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 0))
    (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))
    (call $check (i32.eqz (memory.grow (i32.const 1))))
    (i32.store (i32.const 65532) (i32.const 1))
    (call $check (i32.load (i32.const 65532)))
    (drop (i32.load8_u (i32.const 65536)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: _start
