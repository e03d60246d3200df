;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["add*", "exchange", "load", "store"]
;; Atomic accesses: a test of the low bits of the address, and the instruction. Bytes are always aligned.
(module
  (memory (export "memory") 1 1 shared)
  (func $add-byte (param $p i32) (result i32)
    (i32.atomic.rmw8.add_u offset=5 (local.get $p) (i32.const 1)))
  (func $add (param $p i32) (param $n i64) (result i64)
    (i64.atomic.rmw.add offset=8 (local.get $p) (local.get $n)))
  (func $exchange (param $p i32) (param $old i32) (param $new i32) (result i32)
    (i32.atomic.rmw.cmpxchg (local.get $p) (local.get $old) (local.get $new)))
  (func $load (param $p i32) (result i32) (i32.atomic.load offset=4 (local.get $p)))
  (func $store (param $p i32) (i32.atomic.store offset=4 (local.get $p) (i32.const 9)))
  (func (export "_start")
    (drop (call $add-byte (i32.const 0)))
    (drop (call $add (i32.const 0) (i64.const 1)))
    (drop (call $exchange (i32.const 0) (i32.const 0) (i32.const 0)))
    (call $store (call $load (i32.const 0)))))

;; add-byte:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %esi
;;   movl $1, %edi
;;   lock xaddb %dil, 0x10000005(%rsi) ; trap: heap_oob
;;   movzbl %dil, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; add:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   testl $7, %edi
;;   jne 0x23
;;   movl %edi, %edi
;;   movq %rsi, %rax
;;   lock xaddq %rax, 0x10000008(%rdi) ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user13
;;
;; exchange:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   testl $3, %edi
;;   jne 0x22
;;   movl %edi, %edi
;;   movq %rsi, %rax
;;   lock cmpxchgl %edx, 0x10000000(%rdi) ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user13
;;
;; load:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   testl $3, %edi
;;   jne 0x1d
;;   movl %edi, %esi
;;   movl 0x10000004(%rsi), %eax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user13
;;
;; store:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   testl $3, %edi
;;   jne 0x25
;;   movl $9, %esi
;;   movl %edi, %edi
;;   movl %esi, 0x10000004(%rdi) ; trap: heap_oob
;;   mfence
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user13
