;;! emit = "run"
;; Tables that are read, written, grown, filled and copied.
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
  (type $number (func (result i32)))
  (table $t 3 6 funcref)
  (table $u 2 funcref)
  (table $never-written 2 funcref)
  (elem (table $t) (i32.const 0) func $one $two)
  (elem (table $never-written) (i32.const 0) func $two $one)
  (elem $passive func $two $one $two)
  (func $one (type $number) (i32.const 1))
  (func $two (type $number) (i32.const 2))
  (func (export "_start")
    (call $hex (call_indirect $never-written (type $number) (i32.const 0)))
    (call $hex (table.size $t))
    (call $hex (table.grow $t (ref.func $two) (i32.const 3)))
    (call $hex (table.grow $t (ref.null func) (i32.const 1)))
    (call $hex (call_indirect $t (type $number) (i32.const 5)))
    (table.copy $u $t (i32.const 0) (i32.const 1) (i32.const 2))
    (call $hex (ref.is_null (table.get $u (i32.const 1))))
    (call $hex (call_indirect $u (type $number) (i32.const 0)))
    (table.init $t $passive (i32.const 0) (i32.const 0) (i32.const 2))
    (call $hex (call_indirect $t (type $number) (i32.const 0)))
    (call $hex (call_indirect $t (type $number) (i32.const 1)))
    (table.fill $t (i32.const 0) (ref.null func) (i32.const 6))
    (call $hex (ref.is_null (table.get $t (i32.const 5))))))

;; stdout:
;;   00000002
;;   00000003
;;   00000003
;;   ffffffff
;;   00000002
;;   00000001
;;   00000002
;;   00000002
;;   00000001
;;   00000001
