;;! emit = "run"
;;! exit = 7
;; The largest maximum that can be declared: the program starts, the memory grows beyond 4 GiB, and
;; growth that no machine has room for returns -1.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") i64 1 0x1000000000000)
  (func (export "_start")
    (local $failed i32)
    (i64.store (i64.const 65528) (i64.const 77))
    (local.set $failed (i64.ne (memory.grow (i64.const 0x14000)) (i64.const 1)))
    (i64.store (i64.const 0x13fff0000) (i64.const 5))
    (local.set $failed (i32.or (local.get $failed) (i64.ne (memory.grow (i64.const 0xfffffffffff)) (i64.const -1))))
    (local.set $failed (i32.or (local.get $failed) (i64.ne (memory.grow (i64.const -1)) (i64.const -1))))
    (local.set $failed (i32.or (local.get $failed) (i64.ne (memory.size) (i64.const 0x14001))))
    (local.set $failed (i32.or (local.get $failed) (i64.ne (i64.load (i64.const 0x13fff0000)) (i64.const 5))))
    (local.set $failed (i32.or (local.get $failed) (i64.ne (i64.load (i64.const 65528)) (i64.const 77))))
    (call $exit (select (i32.const 1) (i32.const 7) (local.get $failed)))))
