;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "size"
;; The size of a memory that nothing grows is a constant.
(module
  (memory (export "memory") 17)
  (func $size (result i32) (memory.size))
  (func $never-called (drop (memory.grow (i32.const 1))))
  (func (export "_start") (drop (call $size))))

;; size:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movl $0x11, %eax
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
