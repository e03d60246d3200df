;;! emit = "asm"
;;! target = "x86_64-linux"
;;! memory-guard = "none"
;;! function = "last"
;; The largest static offset: the end of the access is computed in 64 bits, so it can't wrap.
(module
  (memory (export "memory") 1)
  (func $last (param $p i32) (result i64) (i64.load offset=0xffffffff (local.get $p)))
  (func (export "_start") (drop (call $last (i32.const 0)))))

;; last:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %r9d
;;   movabsq $0x100000007, %r10
;;   addq %r9, %r10
;;   cmpq $0x10000, %r10
;;   ja 0x3c
;;   leaq (%rip), %r11 ; reloc_external CallPCRel4 u3:0 -4
;;   movq (%r11), %r11
;;   movl $0xffffffff, %eax
;;   addq %r9, %rax
;;   movq (%r11, %rax), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
