;; Allocation: complex numbers in boxes, of which each lives for an operation or two (the Mandelbrot set).
(module
  (memory (export "memory") 1)
  (type $complex (struct (field $re f64) (field $im f64)))
  (func $add (param $a (ref $complex)) (param $b (ref $complex)) (result (ref $complex))
    (struct.new $complex
      (f64.add (struct.get $complex $re (local.get $a)) (struct.get $complex $re (local.get $b)))
      (f64.add (struct.get $complex $im (local.get $a)) (struct.get $complex $im (local.get $b)))))
  (func $multiply (param $a (ref $complex)) (param $b (ref $complex)) (result (ref $complex))
    (struct.new $complex
      (f64.sub
        (f64.mul (struct.get $complex $re (local.get $a)) (struct.get $complex $re (local.get $b)))
        (f64.mul (struct.get $complex $im (local.get $a)) (struct.get $complex $im (local.get $b))))
      (f64.add
        (f64.mul (struct.get $complex $re (local.get $a)) (struct.get $complex $im (local.get $b)))
        (f64.mul (struct.get $complex $im (local.get $a)) (struct.get $complex $re (local.get $b))))))
  (func $norm (param $a (ref $complex)) (result f64)
    (f64.add
      (f64.mul (struct.get $complex $re (local.get $a)) (struct.get $complex $re (local.get $a)))
      (f64.mul (struct.get $complex $im (local.get $a)) (struct.get $complex $im (local.get $a)))))
  (func $steps (param $c (ref $complex)) (result i32)
    (local $z (ref $complex)) (local $count i32)
    (local.set $z (struct.new_default $complex))
    (loop $next
      (local.set $z (call $add (call $multiply (local.get $z) (local.get $z)) (local.get $c)))
      (br_if $next (i32.and
        (f64.lt (call $norm (local.get $z)) (f64.const 4))
        (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 600)))))
    (local.get $count))
  (func (export "_start")
    (local $x i32) (local $y i32) (local $total i32)
    (loop $rows
      (local.set $x (i32.const 0))
      (loop $columns
        (local.set $total (i32.add (local.get $total) (call $steps (struct.new $complex
          (f64.sub (f64.div (f64.convert_i32_u (local.get $x)) (f64.const 200)) (f64.const 2))
          (f64.sub (f64.div (f64.convert_i32_u (local.get $y)) (f64.const 200)) (f64.const 1.5))))))
        (br_if $columns (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (i32.const 600))))
      (br_if $rows (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (i32.const 600))))
    (if (i32.lt_u (local.get $total) (i32.const 1000000)) (then (unreachable)))))
