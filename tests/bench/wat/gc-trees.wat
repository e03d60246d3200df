;; Allocation: binary trees that are built, walked and dropped, beside one that lives throughout.
(module
  (memory (export "memory") 1)
  (type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree))))
  (func $build (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (local.get $depth)
      (then (struct.new $tree
        (call $build (i32.sub (local.get $depth) (i32.const 1)))
        (call $build (i32.sub (local.get $depth) (i32.const 1)))))
      (else (struct.new_default $tree))))
  (func $count (param $tree (ref $tree)) (result i32)
    (local $left (ref null $tree))
    (if (result i32) (ref.is_null (local.tee $left (struct.get $tree $left (local.get $tree))))
      (then (i32.const 1))
      (else (i32.add (i32.const 1) (i32.add
        (call $count (ref.as_non_null (local.get $left)))
        (call $count (ref.as_non_null (struct.get $tree $right (local.get $tree)))))))))
  (func (export "_start")
    (local $kept (ref $tree)) (local $depth i32) (local $rounds i32) (local $total i32)
    (local.set $kept (call $build (i32.const 18)))
    (local.set $depth (i32.const 4))
    (loop $depths
      (local.set $rounds (i32.shl (i32.const 1) (i32.sub (i32.const 22) (local.get $depth))))
      (loop $next
        (local.set $total (i32.add (local.get $total) (call $count (call $build (local.get $depth)))))
        (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
      (br_if $depths (i32.le_u (local.tee $depth (i32.add (local.get $depth) (i32.const 2))) (i32.const 18))))
    (if (i32.ne (call $count (local.get $kept)) (i32.const 524287)) (then (unreachable)))
    (if (i32.ne (local.get $total) (i32.const 66759344)) (then (unreachable)))))
