;;! emit = "run"
;; A memory with 32-bit indices that isn't of 4 GiB at first never is: `MemoryPlan::maximum_bytes`. It traps if something is wrong.
(module
  (memory 65534)
  (func $expect (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
  (func (export "_start")
    (call $expect (memory.grow (i32.const 2)) (i32.const -1))
    (call $expect (memory.grow (i32.const 1)) (i32.const 65534))
    (call $expect (memory.grow (i32.const 1)) (i32.const -1))
    (call $expect (memory.size) (i32.const 65535))))
