;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["guarded", "checked"]
;; A static offset that the guard region covers costs nothing; a larger one is checked.
(module
  (memory (export "memory") 1)
  (func $guarded (param $p i32) (result i32) (i32.load offset=0x40000000 (local.get $p)))
  (func $checked (param $p i32) (result i32) (i32.load offset=0x40000001 (local.get $p)))
  (func (export "_start")
    (drop (call $guarded (i32.const 0)))
    (drop (call $checked (i32.const 0)))))

;; guarded:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %esi
;;   movl 0x50000000(%rsi), %eax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; checked:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl %edi, %esi
;;   leaq 0x40000005(%rsi), %rdi
;;   cmpq $0x10000, %rdi
;;   ja 0x25
;;   movl 0x50000001(%rsi), %eax ; trap: heap_oob
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;   ud2 ; trap: user2
