;; Everything that a module can do to end: each kind of trap, a stack and a memory that are used up, and calls that come back
;; through an import.
(module $attacks
  (type $one (func (param i32) (result i32)))
  (import "host" "call_back" (func $call_back (type $one)))
  (memory (export "memory") 1 64)
  (table 4 funcref)
  (elem (i32.const 0) $descend $stop)
  (global $count (export "count") (mut i32) (i32.const 0))
  (func (export "unreachable") unreachable)
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "convert") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 255) (local.get 1)))
  (func (export "indirect") (param i32) (result i32) (call_indirect (type $one) (i32.const 1) (local.get 0)))
  (func $stop)
  (func $descend (export "descend") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $descend (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  ;; Recursion without end.
  (func $overflow (export "overflow") (result i32) (i32.add (i32.const 1) (call $overflow)))
  (func (export "exhaust") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))
  (func (export "ping") (param i32) (result i32) (call $call_back (local.get 0)))
  ;; Takes long, and counts.
  (func (export "spin") (param i32)
    (loop $again
      (i32.store (i32.const 64) (local.get 0))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (global.set $count (i32.add (global.get $count) (i32.const 1))))
)
