;;! emit = "clif"
;;! function = "through"
;; The counters are known: no sum wraps. So both indices are computed in 64 bits, with the counter's bits, and the second element of
;; each pair is at an offset. Nothing is known of the last pointer before it is accessed, and then that 4 more don't wrap.
(module
  (memory (export "memory") 2)
  (func $through (param $row i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $i) (i32.const 1024)))))
      (local.set $sum (i32.add (local.get $sum)
        (i32.load (i32.add (i32.add (i32.and (local.get $row) (i32.const 0xfff0)) (local.get $i)) (i32.const 4)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.ne (local.get $i) (i32.const 2880))))
    (i32.add (local.get $sum)
      (i32.add (i32.load (local.get $row)) (i32.load (i32.add (local.get $row) (i32.const 4))))))
  (func (export "_start") (drop (call $through (i32.const 0)))))
