;; A graph of 200,000 nodes that lives throughout, of which a random node is replaced and random edges are set.
(module
  (memory (export "memory") 1)
  (type $node (struct (field $value i32) (field $a (mut (ref null $node))) (field $b (mut (ref null $node)))))
  (type $nodes (array (mut (ref null $node))))
  (global $seed (mut i32) (i32.const 12345))
  (func $random (param $below i32) (result i32)
    (global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345)))
    (i32.rem_u (i32.shr_u (global.get $seed) (i32.const 8)) (local.get $below)))
  (func $new (param $value i32) (result (ref $node))
    (struct.new $node (local.get $value) (ref.null $node) (ref.null $node)))
  ;; Nodes refer to others by index only through the array, so that what is replaced can be freed.
  (func (export "_start")
    (local $nodes (ref $nodes)) (local $node (ref null $node)) (local $other (ref null $node))
    (local $i i32) (local $sum i32)
    (local.set $nodes (array.new_default $nodes (i32.const 200000)))
    (loop $make
      (array.set $nodes (local.get $nodes) (local.get $i) (call $new (local.get $i)))
      (br_if $make (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200000))))
    (local.set $i (i32.const 0))
    (loop $step
      (local.set $node (array.get $nodes (local.get $nodes) (call $random (i32.const 200000))))
      (local.set $other (array.get $nodes (local.get $nodes) (call $random (i32.const 200000))))
      (local.set $sum (i32.add (local.get $sum) (struct.get $node $value (local.get $node))))
      (struct.set $node $a (local.get $node) (local.get $other))
      (struct.set $node $b (local.get $other) (local.get $node))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 3))) (then
        (array.set $nodes (local.get $nodes) (call $random (i32.const 200000)) (call $new (local.get $i)))))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 255))) (then
        ;; Chains of dropped nodes end somewhere.
        (struct.set $node $a (local.get $node) (ref.null $node))
        (struct.set $node $b (local.get $node) (ref.null $node))))
      (br_if $step (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6000000))))
    (if (i32.eqz (local.get $sum)) (then (unreachable)))))
