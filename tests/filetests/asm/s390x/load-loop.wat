;;! emit = "asm"
;;! target = "s390x-linux"
;;! function = "sum"
;; The constant base of the linear memory is one `llihl`; loads reverse the bytes (`lrv`).
(module
  (memory (export "memory") 1)
  (func $sum (param $p i32) (param $end i32) (result i32)
    (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load offset=16 (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (call $sum (i32.const 0) (i32.const 400)))))

;; sum:
;; block0: ; offset 0x0
;;   stmg %r11, %r15, 0x58(%r15)
;;   lgr %r1, %r15
;;   aghi %r15, -0xa0
;;   stg %r1, 0(%r15)
;;   lgr %r4, %r2
;;   lhi %r2, 0
;;   lgr %r11, %r2
;;   llgfr %r2, %r4
;;   llihl %r5, 1
;;   lrv %r5, 0x10(%r5, %r2) ; trap: heap_oob
;;   lgr %r2, %r11
;;   ar %r2, %r5
;;   ahi %r4, 4
;;   clr %r4, %r3
;;   jgnlh 0x4a
;;   lgr %r11, %r2
;;   jg 0x20
;;   lmg %r11, %r15, 0xf8(%r15)
;;   br %r14
