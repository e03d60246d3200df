;;! emit = "asm"
;;! target = "x86_64-linux"
;;! memory-guard = "none"
;;! function = ["small", "large"]
;; A 64-bit memory without a guard: an offset below the initial size is taken from the size, which can't
;; wrap; one beyond it is added to the index, with a look at the carry.
(module
  (memory (export "memory") i64 1)
  (func $small (param $p i64) (result i64)
    (i64.load offset=8 (local.get $p)))
  (func $large (param $p i64) (result i64)
    (i64.load offset=0x20000 (local.get $p)))
  (func (export "_start")
    (drop (memory.grow (i64.const 1)))
    (drop (call $large (i64.const 0)))
    (drop (call $small (i64.const 0)))))

;; small:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %r8 ; reloc_external CallPCRel4 u3:0 -4
;;   movq $18446744073709551600, %rsi
;;   addq 8(%r8), %rsi
;;   cmpq %rsi, %rdi
;;   ja 0x33
;;   leaq (%rip), %r9 ; reloc_external CallPCRel4 u3:0 -4
;;   movq (%r9), %r9
;;   movq 8(%r9, %rdi), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
;;
;; large:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %r8 ; reloc_external CallPCRel4 u3:0 -4
;;   movq 8(%r8), %r8
;;   movq %rdi, %r9
;;   addq $0x20008, %r9
;;   jb 0x3f
;;   cmpq %r8, %r9
;;   ja 0x41
;;   leaq (%rip), %r10 ; reloc_external CallPCRel4 u3:0 -4
;;   movq (%r10), %r10
;;   movq 0x20000(%r10, %rdi), %rax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
;;   ud2 ; trap: user2
