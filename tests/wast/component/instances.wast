;; Instances: the same component and the same core module more than once, several memories and tables in one component,
;; components in components, aliases of outer definitions, exports that are passed on.
(component
  (component $counter
    (core module $m
      (memory (export "memory") 1)
      (global $count (mut i32) (i32.const 0))
      (data (i32.const 0) "\0a")
      (func (export "next") (param i32) (result i32)
        (global.set $count (i32.add (global.get $count) (local.get 0)))
        ;; A memory of its own, too.
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        (i32.add (i32.mul (i32.const 100) (i32.load8_u (i32.const 0))) (global.get $count))))
    (core instance $i (instantiate $m))
    (func (export "next") (param "by" u32) (result u32) (canon lift (core func $i "next"))))
  (instance $one (instantiate $counter))
  (instance $two (instantiate $counter))

  ;; Passes on what it imports, under other names, in an instance that it makes.
  (component $passing
    (import "a" (instance $a (export "next" (func (param "by" u32) (result u32)))))
    (instance $made (export "step" (func $a "next")))
    (export "made" (instance $made)))
  (instance $passing (instantiate $passing (with "a" (instance $two))))
  (alias export $passing "made" (instance $made))

  ;; Two memories and two tables, of one core module and of several.
  (component $several
    (core module $storage
      (memory (export "memory") 1)
      (table (export "table") 2 funcref)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128)))
    (core instance $left (instantiate $storage))
    (core instance $right (instantiate $storage))
    (core module $fill
      (import "storage" "memory" (memory 1))
      (import "storage" "table" (table 2 funcref))
      (import "storage" "seed" (global $seed i32))
      (type $number (func (result i32)))
      (elem (i32.const 0) $twice $thrice)
      (func $twice (type $number) (i32.mul (global.get $seed) (i32.const 2)))
      (func $thrice (type $number) (i32.mul (global.get $seed) (i32.const 3)))
      (func (export "call") (param i32) (result i32) (call_indirect (type $number) (local.get 0)))
      (func (export "first") (param i32 i32) (result i32) (i32.load8_u (local.get 0))))
    (core module $seeds
      (global (export "five") i32 (i32.const 5))
      (global (export "seven") i32 (i32.const 7)))
    (core instance $seeds (instantiate $seeds))
    (alias core export $left "memory" (core memory $left-memory))
    (alias core export $right "memory" (core memory $right-memory))
    (core instance $left-fill (instantiate $fill (with "storage" (instance
      (export "memory" (memory $left-memory))
      (export "table" (table $left "table"))
      (export "seed" (global $seeds "five"))))))
    (core instance $right-fill (instantiate $fill (with "storage" (instance
      (export "memory" (memory $right-memory))
      (export "table" (table $right "table"))
      (export "seed" (global $seeds "seven"))))))
    (func (export "left") (param "which" u32) (result u32) (canon lift (core func $left-fill "call")))
    (func (export "right") (param "which" u32) (result u32) (canon lift (core func $right-fill "call")))
    (func (export "left-first") (param "x" string) (result u32)
      (canon lift (core func $left-fill "first") (memory $left-memory) (realloc (core func $left "realloc"))))
    (func (export "right-first") (param "x" string) (result u32)
      (canon lift (core func $right-fill "first") (memory $right-memory) (realloc (core func $right "realloc"))
        string-encoding=utf16)))
  (instance $several (instantiate $several))

  ;; Deep in, an outer component is instantiated.
  (component $nested
    (component $leaf
      (core module $m (func (export "f") (result i32) (i32.const 42)))
      (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))
    (component $middle
      (component $inner
        (alias outer $nested $leaf (component $l))
        (instance $i (instantiate $l))
        (export "f" (func $i "f")))
      (instance $i (instantiate $inner))
      (export "f" (func $i "f")))
    (instance $i (instantiate $middle))
    (export "f" (func $i "f")))
  (instance $nested (instantiate $nested))

  (component $main
    (import "one" (instance $one (export "next" (func (param "by" u32) (result u32)))))
    (import "two" (instance $two (export "step" (func (param "by" u32) (result u32)))))
    (core func $one (canon lower (func $one "next")))
    (core func $two (canon lower (func $two "step")))
    (core module $m
      (import "" "one" (func $one (param i32) (result i32)))
      (import "" "two" (func $two (param i32) (result i32)))
      (func (export "apart") (result i32)
        (drop (call $one (i32.const 1)))
        (drop (call $two (i32.const 10)))
        (drop (call $one (i32.const 2)))
        (i32.add (i32.mul (call $one (i32.const 3)) (i32.const 10000)) (call $two (i32.const 20)))))
    (core instance $i (instantiate $m (with "" (instance (export "one" (func $one)) (export "two" (func $two))))))
    (func (export "apart") (result u32) (canon lift (core func $i "apart"))))
  (instance $main (instantiate $main (with "one" (instance $one)) (with "two" (instance $made))))

  (func (export "apart") (alias export $main "apart"))
  (func (export "one") (alias export $one "next"))
  (func (export "step") (alias export $made "step"))
  (func (export "left") (alias export $several "left"))
  (func (export "right") (alias export $several "right"))
  (func (export "left-first") (alias export $several "left-first"))
  (func (export "right-first") (alias export $several "right-first"))
  (func (export "nested") (alias export $nested "f")))
(assert_return (invoke "apart") (u32.const 13061230))
(assert_return (invoke "one" (u32.const 9)) (u32.const 1109))
(assert_return (invoke "step" (u32.const 8)) (u32.const 1108))
(assert_return (invoke "left" (u32.const 0)) (u32.const 10))
(assert_return (invoke "left" (u32.const 1)) (u32.const 15))
(assert_return (invoke "right" (u32.const 1)) (u32.const 21))
(assert_trap (invoke "right" (u32.const 2)) "undefined element")
(assert_return (invoke "left-first" (str.const "ABC")) (u32.const 65))
(assert_return (invoke "right-first" (str.const "\u{e9}")) (u32.const 0xe9))
(assert_return (invoke "nested") (u32.const 42))

;; What can't be a component.
(assert_invalid
  (component
    (core module $m (func (export "f") (param i64)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" u32) (canon lift (core func $i "f"))))
  "lowered parameter types")
(assert_invalid
  (component
    (core module $m (func (export "f") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" string) (canon lift (core func $i "f"))))
  "canonical option `memory` is required")
