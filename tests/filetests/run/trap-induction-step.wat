;;! emit = "run"
;;! exit = 134
;; An index that doesn't wrap lies in the last page of 4 GiB, which isn't a part of a memory with 65,535.
(module
  (memory 65535)
  (func $step (param $p i32) (param $rounds i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u (i32.add (local.get $p) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 65536)))
      (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum))
  (func (export "_start")
    (drop (call $step (i32.const -65537) (i32.const 2)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: step
;;      1: _start
