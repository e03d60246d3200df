;;! emit = "run"
;;! exit = 134
;; Nobody could wake a thread that waits on a memory of its own. To wake nobody is no error.
(module
  (memory (export "memory") 1)
  (func $inner (drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const 0))))
  (func (export "_start")
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (call $inner)))

;; stderr:
;;   wasm trap: expected shared memory
;;      0: inner
;;      1: _start
