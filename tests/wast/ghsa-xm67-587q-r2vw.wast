;; GHSA-xm67-587q-r2vw (CVE-2023-27477, 2023-03-08): `i8x16.shuffle` of one vector with itself.

(module
  (func (export "second half") (param v128) (result v128)
    (i8x16.shuffle 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 (local.get 0) (local.get 0)))
  (func (export "mixed") (param v128) (result v128)
    (i8x16.shuffle 0 31 1 30 2 29 3 28 4 27 5 26 6 25 7 24 (local.get 0) (local.get 0)))
  (func (export "first of each") (param v128) (result v128)
    (i8x16.shuffle 0 16 0 16 15 31 15 31 0 16 0 16 15 31 15 31 (local.get 0) (local.get 0)))
  (func (export "of two") (param v128 v128) (result v128)
    (i8x16.shuffle 0 31 1 30 2 29 3 28 4 27 5 26 6 25 7 24 (local.get 0) (local.get 1))))

(assert_return (invoke "second half" (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
               (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
(assert_return (invoke "mixed" (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
               (v128.const i8x16 0 15 1 14 2 13 3 12 4 11 5 10 6 9 7 8))
(assert_return (invoke "first of each" (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16))
               (v128.const i8x16 1 1 1 1 16 16 16 16 1 1 1 1 16 16 16 16))
(assert_return (invoke "of two" (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
                                (v128.const i8x16 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35))
               (v128.const i8x16 0 35 1 34 2 33 3 32 4 31 5 30 6 29 7 28))
