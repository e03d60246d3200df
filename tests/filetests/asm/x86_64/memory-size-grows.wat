;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "size"
;; The size of a memory that reachable code grows is loaded.
(module
  (memory (export "memory") 17)
  (func $size (result i32) (memory.size))
  (func (export "_start")
    (drop (memory.grow (i32.const 1)))
    (drop (call $size))))

;; size:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %rdx ; reloc_external CallPCRel4 u3:0 -4
;;   movq 8(%rdx), %rax
;;   shrq $0x10, %rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
