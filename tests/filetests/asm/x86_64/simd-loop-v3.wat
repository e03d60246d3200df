;;! emit = "asm"
;;! target = "x86_64-linux"
;;! cpu = "x86-64-v3"
;;! function = "add"
;; --cpu x86-64-v3: instructions of three operands, of which one may be a vector in memory, of whatever lanes.
(module
  (memory (export "memory") 1)
  (func $add (param $p i32) (param $q i32) (param $end i32)
    (loop $next
      (v128.store (local.get $p) (f32x4.mul (v128.load (local.get $p)) (v128.load offset=32 (local.get $q))))
      (local.set $q (i32.add (local.get $q) (i32.const 16)))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (i32.ne (local.get $p) (local.get $end)))))
  (func (export "_start")
    (call $add (i32.const 0) (i32.const 400) (i32.const 400))))

;; add:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %r8d
;;   movl %esi, %edi
;;   vmovdqu 0x10000000(%r8), %xmm0 ; trap: heap_oob
;;   vmulps 0x10000020(%rdi), %xmm0, %xmm0 ; trap: heap_oob
;;   vmovdqu %xmm0, 0x10000000(%r8) ; trap: heap_oob
;;   addl $0x10, %r8d
;;   addl $0x10, %edi
;;   cmpl %edx, %r8d
;;   jne 9
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
