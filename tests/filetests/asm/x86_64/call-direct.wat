;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "_start"
;; A direct call is `call rel32`, a call of WASI is a direct call of the runtime; there is no
;; context argument.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "_start")
    (drop (call $add (call $yield) (i32.const 2)))))

;; _start:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   callq 9 ; reloc_external CallPCRel4 u0:0 -4
;;   movl $2, %esi
;;   movq %rax, %rdi
;;   callq 0x16 ; reloc_external CallPCRel4 u0:1 -4
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
