;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["walk", "fields"]
;;! passes = ["no-extend"]
;; As `extend.wat`, without the pass.
(module
  (memory (export "memory") 1)
  (func $walk (param $p i32) (result i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load offset=4 (local.get $p))))
      (local.set $p (i32.load (local.get $p)))
      (br_if $next (local.get $p)))
    (local.get $s))
  ;; The loaded pointer is stored and used as an address.
  (func $fields (param $p i32) (result i32) (local $q i32)
    (local.set $q (i32.load (local.get $p)))
    (i32.store offset=8 (local.get $p) (local.get $q))
    (i32.store offset=4 (local.get $q) (i32.const 7))
    (local.get $q))
  (func (export "_start")
    (drop (call $walk (i32.const 0)))
    (drop (call $fields (i32.const 0)))))

;; walk:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   xorl %eax, %eax
;;   movl %edi, %r10d
;;   movl 0x10000004(%r10), %r11d ; trap: heap_oob
;;   movl 0x10000000(%r10), %edi ; trap: heap_oob
;;   addl %r11d, %eax
;;   testl %edi, %edi
;;   jne 6
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; fields:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %esi
;;   movl 0x10000000(%rsi), %eax ; trap: heap_oob
;;   movl %eax, 0x10000008(%rsi) ; trap: heap_oob
;;   movl %eax, %esi
;;   movl $7, 0x10000004(%rsi) ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
