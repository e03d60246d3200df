;;! emit = "asm"
;;! target = "x86_64-linux"
;;! function = "fill"
;; The next value of the counter is computed behind the last use of the old one, whose register it takes; the counter is compared
;; when it has been increased. So the branch that ends the loop is the one that goes back.
(module
  (memory (export "memory") 1)
  (func $fill (param $x i32) (local $i i32)
    (loop $next
      (i32.store offset=1024 (local.get $i) (local.get $x))
      (local.set $x (i32.add (local.get $x) (i32.mul (local.get $i) (local.get $i))))
      (if (i32.ne (local.get $i) (i32.const 44))
        (then (local.set $i (i32.add (local.get $i) (i32.const 4))) (br $next)))))
  (func (export "_start") (call $fill (i32.const 7))))

;; (to be blessed)
