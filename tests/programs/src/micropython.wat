;; The host functions that the package's MicroPython imports, which no test calls.
(module
  (func (export "host_result_cap") (result i32) i32.const 0)
  (func (export "host_call") (param i32 i32 i32 i32 i32 i32) (result i32) i32.const -1))
