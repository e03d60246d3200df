;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "use"
;; Globals that reachable code never writes are constants, mutable ones too; others are loaded
;; relative to the program counter.
(module
  (global $constant i32 (i32.const 42))
  (global $never-written (mut i64) (i64.const 7))
  (global $written (mut i32) (i32.const 1))
  (func $use (result i64)
    (i64.add (global.get $never-written)
      (i64.extend_i32_u (i32.add (global.get $written) (global.get $constant)))))
  (func $never-called (global.set $never-written (i64.const 8)))
  (func (export "_start")
    (global.set $written (i32.const 2))
    (drop (call $use))))

;; use:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   leaq (%rip), %rsi ; reloc_external CallPCRel4 u2:0 -4
;;   movl (%rsi), %esi
;;   addl $0x2a, %esi
;;   leaq 7(%rsi), %rax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
