;; The legacy instructions of exception handling: the standard's suite has no tests of them.

(module
  (tag $e (param i32))
  (tag $pair (param i64 f64))
  (tag $empty)
  (tag $other)

  (func $throw (param i32) (throw $e (local.get 0)))
  (func $throw-if (param i32) (if (local.get 0) (then (throw $e (local.get 0)))))
  (func $trap (result i32) (unreachable))

  (func (export "no-throw") (result i32)
    try (result i32) (i32.const 1) catch $e (drop) (i32.const 2) end)

  (func (export "catch") (param i32) (result i32)
    try (result i32)
       (call $throw-if (local.get 0)) (i32.const 100)
      catch $e (i32.const 1) (i32.add) end)

  (func (export "catch-local-throw") (result i32)
    try (result i32) (throw $e (i32.const 7)) catch $e end)

  (func (export "catch-values") (result i64 f64)
    try (result i64 f64)
       (throw $pair (i64.const -5) (f64.const 2.5))
      catch $pair end)

  (func (export "which") (param i32) (result i32)
    try (result i32)
        (if (i32.eq (local.get 0) (i32.const 0)) (then (throw $empty)))
        (if (i32.eq (local.get 0) (i32.const 1)) (then (call $throw (i32.const 20))))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $other)))
        (i32.const 3)
      catch $empty (i32.const 10)
      catch $e
      catch_all (i32.const 30) end)

  ;; The inner `try` has no clause for the tag.
  (func (export "nested") (result i32)
    try (result i32)
       try (result i32) (call $throw (i32.const 4)) (i32.const 0) catch $empty (i32.const 1) end
      catch $e (i32.const 40) (i32.add) end)

  ;; A clause is outside its own `try`.
  (func (export "throw-in-clause") (result i32)
    try (result i32)
        try (result i32)
           (throw $empty)
          catch $empty (throw $e (i32.const 9))
          catch $e (drop) (i32.const -1) end
      catch $e end)

  (func $rethrows (param i32)
    try (call $throw (local.get 0)) catch_all (rethrow 0) end)
  (func (export "rethrow") (param i32) (result i32)
    try (result i32) (call $rethrows (local.get 0)) (i32.const -1) catch $e end)

  ;; The outer exception is thrown again while the inner one is handled.
  (func $rethrow-outer
    try
       (call $throw (i32.const 1))
      catch $e
        (drop)
        try (call $throw (i32.const 2)) catch $e (drop) (rethrow 1) end end)
  (func (export "rethrow-outer") (result i32)
    try (result i32) (call $rethrow-outer) (i32.const -1) catch $e end)

  (func (export "delegate") (result i32)
    try $outer (result i32)
        try (result i32)
            try (result i32) (call $throw (i32.const 5)) (i32.const 0) delegate $outer
          catch $e (drop) (i32.const -1) end
      catch $e (i32.const 50) (i32.add) end)

  ;; To the caller, past every `try` of this function.
  (func $delegates
    try
       try (call $throw (i32.const 6)) delegate 1
      catch_all end)
  (func (export "delegate-to-caller") (result i32)
    try (result i32) (call $delegates) (i32.const -1) catch $e end)

  ;; A block that is no `try`: its surroundings catch.
  (func (export "delegate-to-block") (result i32)
    try (result i32)
        (block $b (result i32)
          try (result i32)
             try (result i32) (call $throw (i32.const 8)) (i32.const 0) delegate $b
            catch_all (i32.const -1) end)
      catch $e end)

  ;; Locals have the values that they had at the call.
  (func (export "locals") (result i32)
    (local $a i32) (local $b i64) (local $c f64)
    (local.set $a (i32.const 1))
    try
        (local.set $a (i32.const 2))
        (local.set $b (i64.const 30))
        (local.set $c (f64.const 400))
        (call $throw-if (i32.const 0))
        (local.set $a (i32.const 1000))
        (call $throw (i32.const 0))
        (local.set $a (i32.const -1))
      catch $e (drop) end
    (i32.add (i32.add (local.get $a) (i32.wrap_i64 (local.get $b))) (i32.trunc_f64_s (local.get $c))))

  (func (export "loop") (param i32) (result i32)
    (local $sum i32)
    (loop $l
      try
         (call $throw (local.get 0))
        catch $e (local.set $sum (i32.add (local.get $sum))) end
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $l (local.get 0)))
    (local.get $sum))

  (func (export "branch-out") (result i32)
    (block $b (result i32)
      try (br $b (i32.const 11)) catch_all (unreachable) end
      (i32.const 0)))

  (func (export "branch-out-of-clause") (result i32)
    (block $b (result i32)
      try (throw $empty) catch_all (br $b (i32.const 12)) end
      (i32.const 0)))

  (func (export "params") (param i32) (result i32)
    (local.get 0)
    try (param i32) (result i32)
       (drop) (call $throw (local.get 0)) (i32.const 0)
      catch $e (i32.const 3) (i32.mul) end)

  (func (export "uncaught") (call $throw (i32.const 1)))
  (func (export "uncaught-other") try (throw $other) catch $e (drop) end)
  (func (export "traps-are-not-caught") (result i32)
    try (result i32) (call $trap) catch_all (i32.const 1) end)
  (func (export "division-is-not-caught") (param i32) (result i32)
    try (result i32) (i32.div_s (i32.const 1) (local.get 0)) catch_all (i32.const 1) end)

  ;; Unreachable code of all kinds.
  (func (export "dead") (result i32)
    (return (i32.const 13))
    try (result i32)
       try (result i32) (i32.const 0) delegate 0
      catch $e
      catch_all (rethrow 0) end)
)

(assert_return (invoke "no-throw") (i32.const 1))
(assert_return (invoke "catch" (i32.const 0)) (i32.const 100))
(assert_return (invoke "catch" (i32.const 41)) (i32.const 42))
(assert_return (invoke "catch-local-throw") (i32.const 7))
(assert_return (invoke "catch-values") (i64.const -5) (f64.const 2.5))
(assert_return (invoke "which" (i32.const 0)) (i32.const 10))
(assert_return (invoke "which" (i32.const 1)) (i32.const 20))
(assert_return (invoke "which" (i32.const 2)) (i32.const 30))
(assert_return (invoke "which" (i32.const 9)) (i32.const 3))
(assert_return (invoke "nested") (i32.const 44))
(assert_return (invoke "throw-in-clause") (i32.const 9))
(assert_return (invoke "rethrow" (i32.const 33)) (i32.const 33))
(assert_return (invoke "rethrow-outer") (i32.const 1))
(assert_return (invoke "delegate") (i32.const 55))
(assert_return (invoke "delegate-to-caller") (i32.const 6))
(assert_return (invoke "delegate-to-block") (i32.const 8))
(assert_return (invoke "locals") (i32.const 1430))
(assert_return (invoke "loop" (i32.const 100)) (i32.const 5050))
(assert_return (invoke "branch-out") (i32.const 11))
(assert_return (invoke "branch-out-of-clause") (i32.const 12))
(assert_return (invoke "params" (i32.const 14)) (i32.const 42))
(assert_exception (invoke "uncaught"))
(assert_exception (invoke "uncaught-other"))
(assert_trap (invoke "traps-are-not-caught") "unreachable")
(assert_trap (invoke "division-is-not-caught" (i32.const 0)) "integer divide by zero")
(assert_return (invoke "dead") (i32.const 13))
