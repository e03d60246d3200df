;;! emit = "run"
;;! exit = 134
;; An offset near 2^32 isn't a part of what wraps.
(module
  (memory 65535)
  (func $offset (param $p i32) (param $i i32) (result i32)
    (i32.load8_u offset=0xfffefff0 (i32.add (local.get $p) (local.get $i))))
  (func (export "_start")
    (drop (call $offset (i32.const -9) (i32.const 8)))))

;; stderr:
;;   wasm trap: out of bounds memory access
;;      0: offset
;;      1: _start
