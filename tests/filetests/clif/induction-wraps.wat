;;! emit = "clif"
;;! function = "backwards"
;; Nothing is changed: the counter goes down through 0, and what the pointer is isn't known before it is accessed.
(module
  (memory (export "memory") 2)
  (func $backwards (param $p i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const -4)))
      (br_if $next (local.get $sum)))
    (local.get $sum))
  (func (export "_start") (drop (call $backwards (i32.const 0)))))
