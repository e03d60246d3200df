;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "copy"
;; Loads and stores of each width: one instruction each, extension included.
(module
  (memory (export "memory") 1)
  (func $copy (param $p i32)
    (i32.store8 (local.get $p) (i32.load8_s offset=1 (local.get $p)))
    (i32.store16 offset=2 (local.get $p) (i32.load16_u offset=4 (local.get $p)))
    (i64.store32 offset=8 (local.get $p) (i64.load32_s offset=16 (local.get $p)))
    (i64.store offset=24 (local.get $p) (i64.extend_i32_u (i32.load8_s offset=1 (local.get $p))))
    (f32.store offset=32 (local.get $p) (f32.load offset=36 (local.get $p)))
    (f64.store offset=40 (local.get $p) (f64.load offset=48 (local.get $p))))
  (func (export "_start") (call $copy (i32.const 0))))

;; copy:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %r9d
;;   movsbq 0x10000001(%r9), %r10 ; trap: heap_oob
;;   movb %r10b, 0x10000000(%r9) ; trap: heap_oob
;;   movzwq 0x10000004(%r9), %r10 ; trap: heap_oob
;;   movw %r10w, 0x10000002(%r9) ; trap: heap_oob
;;   movslq 0x10000010(%r9), %r11 ; trap: heap_oob
;;   movl %r11d, 0x10000008(%r9) ; trap: heap_oob
;;   movsbq 0x10000001(%r9), %rax ; trap: heap_oob
;;   movl %eax, %eax
;;   movq %rax, 0x10000018(%r9) ; trap: heap_oob
;;   movss 0x10000024(%r9), %xmm0 ; trap: heap_oob
;;   movss %xmm0, 0x10000020(%r9) ; trap: heap_oob
;;   movsd 0x10000030(%r9), %xmm0 ; trap: heap_oob
;;   movsd %xmm0, 0x10000028(%r9) ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
