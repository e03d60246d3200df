;; 100 million calls from a component to another, and a million with a string each way.
(component
  (component $callee
    (core module $m
      (memory (export "memory") 1)
      (data (i32.const 64) "\48\00\00\00\10\00\00\00a text of 16 letters")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256))
      (func (export "mix") (param i32 i32) (result i32)
        (i32.add (i32.rotl (local.get 0) (i32.const 5)) (local.get 1)))
      (func (export "text") (param i32 i32) (result i32)
        (i32.store8 (i32.const 72) (i32.load8_u (local.get 0)))
        (i32.const 64)))
    (core instance $i (instantiate $m))
    (func (export "mix") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "mix")))
    (func (export "text") (param "a" string) (result string)
      (canon lift (core func $i "text") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (instance $callee (instantiate $callee))
  (component $caller
    (import "callee" (instance $callee
      (export "mix" (func (param "a" u32) (param "b" u32) (result u32)))
      (export "text" (func (param "a" string) (result string)))))
    (core module $library
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256)))
    (core instance $library (instantiate $library))
    (core func $mix (canon lower (func $callee "mix")))
    (core func $text (canon lower (func $callee "text") (memory (core memory $library "memory"))
      (realloc (core func $library "realloc"))))
    (core module $m
      (import "library" "memory" (memory 1))
      (import "callee" "mix" (func $mix (param i32 i32) (result i32)))
      (import "callee" "text" (func $text (param i32 i32 i32)))
      (data (i32.const 512) "another text of 24 bytes")
      (func (export "run") (result i32)
        (local $left i32) (local $mixed i32)
        (local.set $left (i32.const 100000000))
        (loop $again
          (local.set $mixed (call $mix (local.get $mixed) (local.get $left)))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (local.set $left (i32.const 1000000))
        (loop $again
          (call $text (i32.const 512) (i32.const 24) (i32.const 1024))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (i32.or
          (i32.ne (i32.load8_u (i32.load (i32.const 1024))) (i32.const 0x61))
          (i32.eqz (local.get $mixed)))))
    (core instance $i (instantiate $m
      (with "library" (instance $library))
      (with "callee" (instance (export "mix" (func $mix)) (export "text" (func $text))))))
    (func (export "run") (result (result)) (canon lift (core func $i "run"))))
  (instance $caller (instantiate $caller (with "callee" (instance $callee))))
  (instance $exported (export "run" (func $caller "run")))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
