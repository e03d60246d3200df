;;! emit = "asm"
;;! target = "x86_64-linux"
;;! trap-unknown-imports = true
;;! function = ["env.missing", "_start"]
;; An import that nothing provides becomes a function that traps.
(module
  (import "env" "missing" (func $missing (param i32) (result i32)))
  (func (export "_start") (drop (call $missing (i32.const 1)))))

;; env.missing:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   ud2 ; trap: user11
;;
;; _start:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl $1, %edi
;;   callq 0xe ; reloc_external CallPCRel4 u0:0 -4
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
