;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "fill"
;;! passes = ["no-latch"]
;; As `latch.wat`, without the pass.
(module
  (memory (export "memory") 1)
  (func $fill (param $x i32) (local $i i32) (local $old i32)
    (loop $next
      (local.set $old (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (i32.store offset=1024 (local.get $old) (local.get $x))
      (local.set $x (i32.add (local.get $x) (i32.mul (local.get $old) (local.get $old))))
      (br_if $next (i32.ne (local.get $old) (i32.const 44)))))
  (func (export "_start") (call $fill (i32.const 7))))

;; fill:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorq %rdx, %rdx
;;   movl %edi, 0x10000400(%rdx) ; trap: heap_oob
;;   leal 4(%rdx), %r10d
;;   movq %rdx, %r11
;;   imull %edx, %r11d
;;   addl %r11d, %edi
;;   cmpl $0x2c, %edx
;;   je 0x2c
;;   movq %r10, %rdx
;;   jmp 7
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
