;;! emit = "asm"
;;! target = "x86_64-linux"
;;! memory-guard = "none"
;;! function = "get"
;; Without a guard region, and with a memory that grows: base and size are loaded from its descriptor.
(module
  (memory (export "memory") 1)
  (func $get (param $p i32) (result i64)
    (i64.load offset=8 (local.get $p)))
  (func (export "_start")
    (drop (memory.grow (i32.const 1)))
    (drop (call $get (i32.const 0)))))

;; get:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %rsi ; reloc_external CallPCRel4 u3:0 -4
;;   movl %edi, %edi
;;   leaq 0x10(%rdi), %r8
;;   cmpq 8(%rsi), %r8
;;   ja 0x28
;;   movq (%rsi), %r8
;;   movq 8(%r8, %rdi), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
