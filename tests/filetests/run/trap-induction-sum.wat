;;! emit = "run"
;;! exit = 134
;; What follows the last byte by 65,536 is the last byte of 4 GiB, which isn't a part of a memory with 65,535 pages.
(module
  (memory 65535)
  (func $sum (param $p i32) (result i32)
    (i32.add
      (i32.mul (i32.load8_u (local.get $p)) (i32.const 256))
      (i32.load8_u (i32.add (local.get $p) (i32.const 65536)))))
  (func (export "_start")
    (drop (call $sum (i32.const -65537)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: sum
;;      1: _start
