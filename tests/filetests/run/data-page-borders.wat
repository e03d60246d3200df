;;! emit = "run"
;; Data segments that end at, start at and cross borders of pages (4 KiB of the machine, 64 KiB of
;; WebAssembly), overlap, are empty, and end where the memory ends. Bytes between them are zero.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; Prints a number in 8 hexadecimal digits and a line feed; uses bytes 0 to 31.
  (func $hex (param $n i32)
    (local $i i32) (local $d i32)
    (local.set $i (i32.const 8))
    (loop $next
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $d (i32.and (local.get $n) (i32.const 15)))
      (i32.store8 offset=16 (local.get $i)
        (i32.add (local.get $d) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10)))))
      (local.set $n (i32.shr_u (local.get $n) (i32.const 4)))
      (br_if $next (local.get $i)))
    (i32.store8 (i32.const 24) (i32.const 10))
    (call $print (i32.const 16) (i32.const 9)))
  (memory (export "memory") 2 2)
  (data (i32.const 4092) "abcd")
  (data (i32.const 8192) "efgh")
  (data (i32.const 12286) "ijkl")
  (data (i32.const 65534) "mnop")
  (data (i32.const 20000) "overlapped")
  (data (i32.const 20004) "LAPP")
  (data (i32.const 131072) "")
  (data (i32.const 131068) "last")
  (func (export "_start")
    (call $hex (i32.load (i32.const 4092)))
    (call $hex (i32.load (i32.const 4096)))
    (call $hex (i32.load (i32.const 8188)))
    (call $hex (i32.load (i32.const 8192)))
    (call $hex (i32.load (i32.const 12286)))
    (call $hex (i32.load (i32.const 65534)))
    (call $hex (i32.load (i32.const 131068)))
    (call $print (i32.const 20000) (i32.const 10))))

;; stdout:
;;   64636261
;;   00000000
;;   00000000
;;   68676665
;;   6c6b6a69
;;   706f6e6d
;;   7473616c
;;   overLAPPed
