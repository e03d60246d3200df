;;! emit = "run"
;;! exit = 134
;; An atomic access at an address that isn't a multiple of its width, also where hardware would do it.
(module
  (memory (export "memory") 1)
  (func $inner (drop (i32.atomic.rmw.add offset=1 (i32.const 4) (i32.const 1))))
  (func (export "_start")
    (drop (i32.atomic.rmw.add offset=1 (i32.const 3) (i32.const 1)))
    (call $inner)))

;; stderr:
;;   wasm trap: unaligned atomic
;;      0: inner
;;      1: _start
