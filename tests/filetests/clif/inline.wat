;;! emit = "clif"
;;! function = ["_start", "twice", "recursive"]
;;! inline = true
;; Small functions are in the place of their calls, and what is in them, too. One that is called nowhere else has no code of its
;; own, one that calls itself stays.
(module
  (memory 1)
  (func $load (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  (func $sum (param i32 i32) (result i32)
    (i32.add (call $load (local.get 0)) (call $load (local.get 1))))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $recursive (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $recursive (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 7))))
  (func (export "_start")
    (i32.store (i32.const 0)
      (call $twice (call $sum (i32.const 8) (call $recursive (i32.const 3)))))))
