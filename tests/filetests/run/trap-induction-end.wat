;;! emit = "run"
;;! exit = 134
;; The second round accesses the last byte of 4 GiB. The index of the third doesn't wrap, but its offset leads beyond.
(module
  (memory 65536)
  (func $end (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u offset=8 (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func (export "_start")
    (drop (call $end (i32.const -17) (i32.const 3)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: end
;;      1: _start
