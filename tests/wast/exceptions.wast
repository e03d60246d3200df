;; Exceptions beyond the standard's suite: references that live long and are many, deep stacks, all types
;; of values, and calls of every kind.

(module
  (tag $e (param i32))
  (tag $wide (param i32 i64 f32 f64 externref))
  (tag $nested (param exnref i32))
  (type $callee (func (param i32) (result i32)))
  (table $kept 100 exnref)
  (table $funcs 1 funcref)
  (global $last (mut exnref) (ref.null exn))
  (elem (table $funcs) (i32.const 0) func $throws)
  (elem declare func $throws)

  (func $throws (type $callee) (throw $e (local.get 0)))
  (func $caught (param i32) (result exnref)
    (block $h (result i32 exnref)
      (try_table (catch_ref $e $h) (drop (call $throws (local.get 0))))
      (unreachable))
    (return))
  (func $value (param exnref) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (throw_ref (local.get 0))) (unreachable)))

  (func (export "wide") (param externref) (result i32 i64 f32 f64 externref)
    (block $h (result i32 i64 f32 f64 externref)
      (try_table (catch $wide $h)
        (throw $wide (i32.const -1) (i64.const -2) (f32.const 3.5) (f64.const -4.5) (local.get 0)))
      (unreachable)))

  ;; Far more references than fit in any heap that is never collected; 100 of them are kept.
  (func (export "many") (param $n i32) (result i32)
    (local $i i32) (local $e exnref) (local $sum i32)
    (loop $l
      (local.set $e (call $caught (local.get $i)))
      (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 1000)))
        (then
          (table.set $kept (i32.rem_u (i32.div_u (local.get $i) (i32.const 1000)) (i32.const 100)) (local.get $e))
          (global.set $last (local.get $e))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
    (local.set $i (i32.const 0))
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $value (table.get $kept (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 100))))
    (i32.add (local.get $sum) (call $value (global.get $last))))

  ;; A list of exceptions, each of which carries the one before.
  (func (export "chain") (param $n i32) (result i32)
    (local $e exnref) (local $i i32) (local $sum i32)
    (loop $l
      (block $h (result exnref i32 exnref)
        (try_table (catch_ref $nested $h) (throw $nested (local.get $e) (local.get $i)))
        (unreachable))
      (local.set $e) (drop) (drop)
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
    (loop $l
      (block $h (result exnref i32) (try_table (catch $nested $h) (throw_ref (local.get $e))) (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (local.set $e)
      (br_if $l (i32.eqz (ref.is_null (local.get $e)))))
    (local.get $sum))

  (func $deep (param i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 99))))
    (call $deep (i32.sub (local.get 0) (i32.const 1))))
  (func (export "deep") (param i32) (result i32)
    (block $h (result i32) (try_table (catch $e $h) (call $deep (local.get 0))) (unreachable)))

  (func (export "through-table") (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call_indirect $funcs (type $callee) (i32.const 5) (i32.const 0)))))
  (func (export "through-reference") (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call_ref $callee (i32.const 6) (ref.func $throws)))))

  ;; What is called last is outside the `try_table`.
  (func $last-call (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $e $h) (return_call $throws (local.get 0)))
      (unreachable)))
  (func (export "tail-call-leaves-handler") (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $last-call (i32.const 7)) (i32.const 1000) (i32.add))))

  ;; The stack overflows inside a `try_table`: a trap is no exception.
  (func $endless (call $endless))
  (func (export "overflow") (block $h (try_table (catch_all $h) (call $endless))))
  (func (export "null") (throw_ref (ref.null exn)))
)

(assert_return (invoke "wide" (ref.extern 8)) (i32.const -1) (i64.const -2) (f32.const 3.5) (f64.const -4.5) (ref.extern 8))
(assert_return (invoke "many" (i32.const 200000)) (i32.const 15149000))
(assert_return (invoke "chain" (i32.const 3000)) (i32.const 4498500))
(assert_return (invoke "deep" (i32.const 10000)) (i32.const 99))
(assert_return (invoke "through-table") (i32.const 5))
(assert_return (invoke "through-reference") (i32.const 6))
(assert_return (invoke "tail-call-leaves-handler") (i32.const 7))
(assert_trap (invoke "overflow") "call stack exhausted")
(assert_return (invoke "deep" (i32.const 10)) (i32.const 99))
(assert_trap (invoke "null") "null exception reference")
