;;! emit = "run"
;;! exit = 7
;; Data beyond 4 GiB, in a memory that is larger at first, and across its border.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") i64 0x10002)
  (data (i64.const 0xfffffffe) "\01\02\03\04")
  (data (i64.const 0x100010000) "far")
  (func (export "_start")
    (call $exit (i32.add (i32.mul (i32.const 100)
        (i32.or (i32.ne (i32.load (i64.const 0xfffffffe)) (i32.const 0x04030201))
                (i32.or (i32.load (i64.const 0xfffe)) (i32.ne (i32.load8_u (i64.const 0x100010002)) (i32.const 114)))))
      (i32.const 7)))))
