;; References that are live across a call stay alive, and are those of the object where it is after a collection.
;; GHSA-5fhj-g3p3-pq9g (CVE-2022-31146, 2022-07-20): also if some call has no stack map of its own;
;; GHSA-4873-36h9-wv49 (CVE-2021-39218, 2021-09-17): also while others are passed on the stack;
;; GHSA-v4cp-h94r-m7xf (CVE-2021-39216, 2021-09-17): also those that are only just being passed;
;; GHSA-gwc9-348x-qwv2 (CVE-2022-24791, 2022-03-31): also at the end of loops.
;; Here a reference of the host's kind holds an object, so that it must be found.

(module
  (type $box (struct (field i32)))
  (type $bytes (array (mut i8)))
  (func $make (param i32) (result externref) (extern.convert_any (struct.new $box (local.get 0))))
  (func $value (param externref) (result i32) (struct.get $box 0 (ref.cast (ref $box) (any.convert_extern (local.get 0)))))
  ;; Garbage of 2 MiB: several collections.
  (func $churn
    (local $i i32)
    (loop $again
      (drop (array.new_default $bytes (i32.const 4096)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 512)))))
  (func $no_references (param i32) (result i32) (call $churn) (local.get 0))
  (func $many (param externref externref externref externref externref externref externref externref externref externref)
              (result i32)
    (call $churn)
    (i32.add (i32.mul (i32.const 100) (call $value (local.get 0)))
             (i32.add (i32.mul (i32.const 10) (call $value (local.get 8))) (call $value (local.get 9)))))

  (func (export "across calls") (result i32)
    (local $a externref) (local $b externref)
    (local.set $a (call $make (i32.const 1)))
    (drop (call $no_references (i32.const 0)))
    (local.set $b (call $make (i32.const 2)))
    (drop (call $no_references (i32.const 0)))
    (i32.add (i32.mul (i32.const 10) (call $value (local.get $a))) (call $value (local.get $b))))
  (func (export "one branch calls") (param i32) (result i32)
    (local $a externref)
    (local.set $a (call $make (i32.const 3)))
    (if (local.get 0) (then (call $churn)))
    (call $value (local.get $a)))
  (func (export "on the stack") (result i32)
    (call $many (call $make (i32.const 1)) (ref.null extern) (ref.null extern) (ref.null extern) (ref.null extern)
                (ref.null extern) (ref.null extern) (ref.null extern) (call $make (i32.const 2)) (call $make (i32.const 3))))
  (func (export "only passed") (result i32)
    (call $passed (call $make (i32.const 4))))
  (func $passed (param externref) (result i32) (call $churn) (call $value (local.get 0)))
  (func (export "loop") (param i32) (result i32)
    (local $a externref) (local $sum i32)
    (local.set $a (call $make (i32.const 1)))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $value (local.get $a))))
      (call $churn)
      (local.set $a (call $make (i32.add (i32.const 1) (call $value (local.get $a)))))
      (call $churn)
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.add (local.get $sum) (call $value (local.get $a)))))

(assert_return (invoke "across calls") (i32.const 12))
(assert_return (invoke "one branch calls" (i32.const 1)) (i32.const 3))
(assert_return (invoke "one branch calls" (i32.const 0)) (i32.const 3))
(assert_return (invoke "on the stack") (i32.const 123))
(assert_return (invoke "only passed") (i32.const 4))
(assert_return (invoke "loop" (i32.const 4)) (i32.const 15))
