;;! emit = "asm"
;;! target = "x86_64-linux"
;;! cpu = "x86-64-v3"
;;! function = "bits"
;; --cpu x86-64-v3: lzcnt, tzcnt and popcnt instead of sequences.
(module
  (func $bits (param i32) (result i32)
    (i32.add (i32.popcnt (local.get 0))
      (i32.add (i32.clz (local.get 0)) (i32.ctz (local.get 0)))))
  (func (export "_start") (drop (call $bits (i32.const 5)))))

;; bits:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   popcntl %edi, %r8d
;;   lzcntl %edi, %r9d
;;   tzcntl %edi, %edi
;;   addl %r9d, %edi
;;   leal (%r8, %rdi), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
