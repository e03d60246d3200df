;;! emit = "asm"
;;! target = "x86_64-linux"
;;! cpu = "x86-64-v3"
;;! relaxed-simd-deterministic = true
;;! function = ["truncate", "madd", "select", "dot"]
;; The results of the deterministic profile take more instructions.
(module
  (func $swizzle (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))
  (func $truncate (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))
  (func $madd (param v128 v128 v128) (result v128)
    (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
  (func $select (param v128 v128 v128) (result v128)
    (i8x16.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func $dot (param v128 v128) (result v128)
    (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
  (func (export "_start")
    (local v128)
    (drop (call $swizzle (local.get 0) (local.get 0)))
    (drop (call $truncate (local.get 0)))
    (drop (call $madd (local.get 0) (local.get 0) (local.get 0)))
    (drop (call $select (local.get 0) (local.get 0) (local.get 0)))
    (drop (call $dot (local.get 0) (local.get 0)))))

;; truncate:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   vcmpeqps %xmm0, %xmm0, %xmm3
;;   vandps %xmm3, %xmm0, %xmm5
;;   vpxor %xmm5, %xmm3, %xmm7
;;   vcvttps2dq %xmm5, %xmm0
;;   vpand %xmm7, %xmm0, %xmm1
;;   vpsrad $0x1f, %xmm1, %xmm1
;;   vpxor %xmm0, %xmm1, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; madd:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   vfmadd213ps %xmm2, %xmm1, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; select:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   vpand %xmm2, %xmm0, %xmm5
;;   vpandn %xmm1, %xmm2, %xmm7
;;   vpor %xmm5, %xmm7, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
;;
;; dot:
;; block0: ; offset 0x0
;;   pushq %rbp
;;   movq %rsp, %rbp
;;   vpmovsxbw %xmm0, %xmm2
;;   vpmovsxbw %xmm1, %xmm3
;;   vpmullw %xmm3, %xmm2, %xmm2
;;   vpalignr $8, %xmm0, %xmm0, %xmm0
;;   vpmovsxbw %xmm0, %xmm0
;;   vpalignr $8, %xmm1, %xmm1, %xmm1
;;   vpmovsxbw %xmm1, %xmm1
;;   vpmullw %xmm1, %xmm0, %xmm0
;;   vphaddw %xmm0, %xmm2, %xmm0
;;   movq %rbp, %rsp
;;   popq %rbp
;;   retq
