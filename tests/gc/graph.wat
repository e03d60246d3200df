;; Builds, changes and drops a random graph, and keeps a copy of what it must be in the linear memory. Nodes are in
;; slots; each has a number, which nothing else has, two references of nodes, which may no longer be in a slot, and
;; an array of bytes made of its number. A step replaces the node of a slot or sets a reference; from time to time
;; all slots are compared. It ends with the exit code 1 if something isn't as it must be.
;;
;; Steps: 1,000, and twice as many for each argument, the name included.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (rec (type $node (struct (field $id i32) (field $left (mut (ref null $node))) (field $right (mut (ref null $node)))
                           (field $data (ref $bytes))))
       (type $bytes (array (mut i8))))
  (type $nodes (array (mut (ref null $node))))
  ;; The copy: number, number on the left, number on the right of each slot. 0 is no node.
  (memory (export "memory") 4)
  (global $slots i32 (i32.const 4096))
  (global $nodes (ref $nodes) (array.new_default $nodes (i32.const 4096)))
  (global $seed (mut i64) (i64.const 88172645463325252))
  (global $last (mut i32) (i32.const 0))

  (func $random (param $below i32) (result i32)
    (global.set $seed (i64.xor (global.get $seed) (i64.shl (global.get $seed) (i64.const 13))))
    (global.set $seed (i64.xor (global.get $seed) (i64.shr_u (global.get $seed) (i64.const 7))))
    (global.set $seed (i64.xor (global.get $seed) (i64.shl (global.get $seed) (i64.const 17))))
    (i32.rem_u (i32.wrap_i64 (i64.shr_u (global.get $seed) (i64.const 20))) (local.get $below)))
  (func $copy (param $slot i32) (result i32) (i32.add (i32.const 1024) (i32.mul (local.get $slot) (i32.const 12))))
  ;; Bytes of the array of a node: mostly few, rarely many.
  (func $length (param $id i32) (result i32)
    (if (result i32) (i32.rem_u (local.get $id) (i32.const 5000))
      (then (i32.rem_u (local.get $id) (i32.const 61)))
      (else (i32.add (i32.const 30000) (i32.rem_u (local.get $id) (i32.const 70000))))))
  (func $fail (param i32) (if (local.get 0) (then (call $exit (i32.const 1)))))

  (func $make (result (ref $node))
    (global.set $last (i32.add (global.get $last) (i32.const 1)))
    (struct.new $node (global.get $last) (ref.null $node) (ref.null $node)
      (array.new $bytes (global.get $last) (call $length (global.get $last)))))
  (func $replace (param $slot i32)
    (array.set $nodes (global.get $nodes) (local.get $slot) (call $make))
    (i32.store (call $copy (local.get $slot)) (global.get $last))
    (i64.store offset=4 (call $copy (local.get $slot)) (i64.const 0)))
  (func $link (param $slot i32) (param $to i32)
    (local $node (ref null $node))
    (local.set $node (array.get $nodes (global.get $nodes) (local.get $slot)))
    (if (ref.is_null (local.get $node)) (then (return)))
    (if (call $random (i32.const 2))
      (then
        (struct.set $node $left (local.get $node) (array.get $nodes (global.get $nodes) (local.get $to)))
        (i32.store offset=4 (call $copy (local.get $slot)) (i32.load (call $copy (local.get $to)))))
      (else
        (struct.set $node $right (local.get $node) (array.get $nodes (global.get $nodes) (local.get $to)))
        (i32.store offset=8 (call $copy (local.get $slot)) (i32.load (call $copy (local.get $to)))))))

  ;; Is this the node with the number, or null for 0?
  (func $check (param $node (ref null $node)) (param $id i32)
    (local $length i32)
    (if (ref.is_null (local.get $node)) (then (call $fail (local.get $id)) (return)))
    (call $fail (i32.ne (struct.get $node $id (local.get $node)) (local.get $id)))
    (local.set $length (call $length (local.get $id)))
    (call $fail (i32.ne (array.len (struct.get $node $data (local.get $node))) (local.get $length)))
    (if (local.get $length) (then
      (call $fail (i32.ne (i32.and (local.get $id) (i32.const 255))
        (array.get_u $bytes (struct.get $node $data (local.get $node))
          (i32.sub (local.get $length) (i32.const 1))))))))
  (func $check_all
    (local $slot i32) (local $node (ref null $node))
    (loop $next
      (local.set $node (array.get $nodes (global.get $nodes) (local.get $slot)))
      (call $check (local.get $node) (i32.load (call $copy (local.get $slot))))
      (if (i32.eqz (ref.is_null (local.get $node))) (then
        (call $check (struct.get $node $left (local.get $node)) (i32.load offset=4 (call $copy (local.get $slot))))
        (call $check (struct.get $node $right (local.get $node)) (i32.load offset=8 (call $copy (local.get $slot))))))
      (br_if $next (i32.lt_u (local.tee $slot (i32.add (local.get $slot) (i32.const 1))) (global.get $slots)))))
  ;; Forgets all references between nodes, so that the chains of dropped ones end.
  (func $unlink_all
    (local $slot i32) (local $node (ref null $node))
    (loop $next
      (local.set $node (array.get $nodes (global.get $nodes) (local.get $slot)))
      (if (i32.eqz (ref.is_null (local.get $node))) (then
        (struct.set $node $left (local.get $node) (ref.null $node))
        (struct.set $node $right (local.get $node) (ref.null $node))
        (i64.store offset=4 (call $copy (local.get $slot)) (i64.const 0))))
      (br_if $next (i32.lt_u (local.tee $slot (i32.add (local.get $slot) (i32.const 1))) (global.get $slots)))))

  (func (export "_start")
    (local $step i32) (local $steps i32)
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (local.set $steps (i32.shl (i32.const 1000) (i32.load (i32.const 0))))
    (loop $next
      (if (call $random (i32.const 3))
        (then (call $link (call $random (global.get $slots)) (call $random (global.get $slots))))
        (else (call $replace (call $random (global.get $slots)))))
      (if (i32.eqz (i32.rem_u (local.get $step) (i32.const 20000))) (then (call $check_all) (call $unlink_all)))
      (br_if $next (i32.lt_u (local.tee $step (i32.add (local.get $step) (i32.const 1))) (local.get $steps))))
    (call $check_all)))
