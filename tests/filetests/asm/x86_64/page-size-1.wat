;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["get", "word"]
;; A memory of 1-byte pages may end inside a page of the system, so that no guard can catch what is
;; beyond: each access is compared to its end. Its base is a constant all the same.
(module
  (memory (export "memory") 100 (pagesize 1))
  (func $get (param $p i32) (result i32)
    (i32.load8_u (local.get $p)))
  (func $word (param $p i32) (result i64)
    (i64.load offset=4 (local.get $p)))
  (func (export "_start")
    (drop (memory.grow (i32.const 1)))
    (drop (call $word (i32.const 0)))
    (drop (call $get (i32.const 0)))))

;; get:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %r8 ; reloc_external CallPCRel4 u3:0 -4
;;   movl %edi, %esi
;;   leaq 1(%rsi), %rdi
;;   cmpq 8(%r8), %rdi
;;   ja 0x28
;;   movzbq 0x10000000(%rsi), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
;;
;; word:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %r8 ; reloc_external CallPCRel4 u3:0 -4
;;   movl %edi, %esi
;;   leaq 0xc(%rsi), %rdi
;;   cmpq 8(%r8), %rdi
;;   ja 0x27
;;   movq 0x10000004(%rsi), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
