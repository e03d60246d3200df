;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "sum"
;; A call whose exceptions are caught is a call: what is live in the landing stays in a register across it.
(module
  (memory 1)
  (tag $e (param i32))
  (func $callee (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 3))))
    (i32.load (local.get 0)))
  (func $sum (param $n i32) (result i32) (local $kept i32)
    (local.set $kept (i32.load (local.get $n)))
    (i32.add
      (block $h (result i32)
        (try_table (result i32) (catch $e $h) (call $callee (local.get $n))))
      (local.get $kept)))
  (func (export "_start") (drop (call $sum (i32.const 8)))))

;; sum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   subq $0x10, %rsp
;;   movq %r12, (%rsp)
;;   movl %edi, %r11d
;;   movl 0x10000000(%r11), %r12d ; trap: heap_oob
;;   callq 0x1b ; reloc_external CallPCRel4 u0:0 -4
;;   addl %r12d, %eax
;;   movq (%rsp), %r12
;;   addq $0x10, %rsp
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   movl 0x10(%rax), %eax
;;   jmp 0x1b
