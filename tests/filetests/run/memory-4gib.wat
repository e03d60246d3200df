;;! emit = "run"
;;! memory-guard = "region"
;; A memory can grow to 65,535 pages, and its last byte can be used, but not to the last one: `MemoryPlan::maximum_bytes`. One that begins
;; with all of them has them: memory-initial-4gib.wat.
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
  (memory (export "memory") 1)
  (func (export "_start")
    (call $hex (memory.grow (i32.const 65535)))
    (call $hex (memory.grow (i32.const 65534)))
    (call $hex (memory.size))
    (i32.store8 (i32.const 0xfffeffff) (i32.const 0x5a))
    (call $hex (i32.load8_u (i32.const 0xfffeffff)))
    (call $hex (memory.grow (i32.const 1)))))

;; stdout:
;;   ffffffff
;;   00000001
;;   0000ffff
;;   0000005a
;;   ffffffff
