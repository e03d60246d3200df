;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = ["larger", "minimum", "dot"]
;; Patterns that are one or two instructions: selection by a comparison, pseudo-minimum, dot product.
(module
  (func $larger (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (i32x4.gt_s (local.get 0) (local.get 1))))
  (func $minimum (param v128 v128) (result v128) (f32x4.pmin (local.get 0) (local.get 1)))
  (func $dot (param v128 v128) (result v128) (i32x4.dot_i16x8_s (local.get 0) (local.get 1)))
  (func (export "_start")
    (local v128)
    (drop (call $larger (local.get 0) (local.get 0)))
    (drop (call $minimum (local.get 0) (local.get 0)))
    (drop (call $dot (local.get 0) (local.get 0)))))

;; larger:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   pmaxsd %xmm1, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; minimum:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   movdqa %xmm0, %xmm5
;;   movdqa %xmm1, %xmm0
;;   minps %xmm5, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; dot:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   pmaddwd %xmm1, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
