;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["state", "crc"]
;; Masks of what is zero anyway, because a byte was loaded in each round, or because the bits are shifted out.
(module
  (memory (export "memory") 1)
  (func $state (param $p i32) (result i32) (local $c i32) (local $n i32)
    (local.set $c (i32.load8_u (local.get $p)))
    (loop $next
      (local.set $n (i32.add (local.get $n) (i32.and (local.get $c) (i32.const 255))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (local.set $c (i32.load8_u (local.get $p)))
      (br_if $next (i32.ne (local.get $c) (i32.const 44))))
    (local.get $n))
  (func $crc (param $p i32) (param $n i32) (result i32) (local $c i32)
    (loop $next
      (local.set $c
        (i32.xor
          (i32.shr_u (i32.and (local.get $c) (i32.const 0xfffe)) (i32.const 1))
          (i32.load16_u (i32.and (local.get $c) (i32.const 0x3e)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n)))
    (local.get $c))
  (func (export "_start")
    (drop (call $state (i32.const 0)))
    (drop (call $crc (i32.const 0) (i32.const 8)))))

;; state:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %r11d
;;   movzbq 0x10000000(%r11), %rsi ; trap: heap_oob
;;   xorl %eax, %eax
;;   addl $1, %edi
;;   movzbq 0x10000000(%rdi), %rcx ; trap: heap_oob
;;   addl %esi, %eax
;;   cmpl $0x2c, %ecx
;;   je 0x32
;;   movq %rcx, %rsi
;;   jmp 0x11
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; crc:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorl %eax, %eax
;;   movq %rax, %r11
;;   andl $0x3e, %r11d
;;   movzwq 0x10000000(%r11), %r11 ; trap: heap_oob
;;   shrl $1, %eax
;;   xorl %r11d, %eax
;;   subl $1, %esi
;;   testl %esi, %esi
;;   jne 6
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
