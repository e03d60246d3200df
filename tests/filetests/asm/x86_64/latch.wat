;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "fill"
;; The next value of the counter is computed behind the last use of the old one, whose register it takes; the counter is compared
;; when it has been increased. So the branch that ends the loop is the one that goes back.
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
;;   movq %rdx, %r10
;;   imull %edx, %r10d
;;   addl %r10d, %edi
;;   addl $4, %edx
;;   cmpl $0x30, %edx
;;   jne 7
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
