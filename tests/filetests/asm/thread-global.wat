;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "next"
;; In a program that can start threads, a written global is in the state of the thread, which is where the
;; region of its stack starts.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 2 shared))
  (export "memory" (memory 0))
  (global $count (mut i32) (i32.const 0))
  (func $next (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))
  (func (export "wasi_thread_start") (param i32 i32) (drop (call $next)))
  (func (export "_start") (drop (call $spawn (call $next)))))

;; next:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movq %rsp, %rsi
;;   andq $0xffffffffff000000, %rsi
;;   movl (%rsi), %edi
;;   leal 1(%rdi), %r8d
;;   movl %r8d, (%rsi)
;;   leal 1(%rdi), %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
