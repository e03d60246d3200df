;;! emit = "asm"
;;! target = "x86_64-linux"
;;! cpu = "x86-64-v3"
;;! function = "sum"
;; --cpu x86-64-v3: instructions of three operands, of which one is in memory.
(module
  (memory (export "memory") 1)
  (func $sum (param $p i32) (param $end i32) (result v128)
    (local $s v128)
    (loop $next
      (local.set $s (i32x4.add (local.get $s) (v128.load offset=16 (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $s))
  (func (export "_start")
    (drop (call $sum (i32.const 0) (i32.const 400)))))

;; sum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   vpxor %xmm0, %xmm0, %xmm0
;;   movl %edi, %r11d
;;   vmovdqu 0x10000010(%r11), %xmm1 ; trap: heap_oob
;;   addl $0x10, %edi
;;   vpaddd %xmm1, %xmm0, %xmm0
;;   cmpl %esi, %edi
;;   jne 8
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
