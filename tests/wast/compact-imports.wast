;; The proposal "compact import section": imports of one module, of several types or of one, in groups.

(module
  (func (export "f") (result i32) (i32.const 1))
  (func (export "g") (result i32) (i32.const 2))
  (func (export "") (result i32) (i32.const 3))
  (func (export "wide") (result i64) (i64.const 4))
  (global (export "global") i32 (i32.const 5))
  (memory (export "memory") 1 2)
  (table (export "table") 3 4 funcref)
  (tag (export "tag") (param i32)))
(register "exports")

(module
  (import "exports" (item "f") (item "") (item "g") (func (result i32)))
  (import "exports"
    (item "wide" (func (result i64)))
    (item "global" (global i32))
    (item "memory" (memory 1 2))
    (item "table" (table 3 4 funcref))
    (item "tag" (tag (param i32)))
    (item "f" (func (result i32))))
  (import "exports" "g" (func (result i32)))
  (func (export "functions") (result i32 i32 i32 i64 i32 i32)
    (call 0) (call 1) (call 2) (call 3) (call 4) (call 5))
  (func (export "others") (result i32 i32 i32) (global.get 0) (memory.size) (table.size 0)))
(assert_return (invoke "functions")
  (i32.const 1) (i32.const 3) (i32.const 2) (i64.const 4) (i32.const 1) (i32.const 2))
(assert_return (invoke "others") (i32.const 5) (i32.const 1) (i32.const 3))

(assert_unlinkable (module (import "exports" (item "f") (item "h") (func (result i32)))) "unknown import")
(assert_unlinkable (module (import "exports" (item "f") (item "wide") (func (result i32)))) "incompatible import type")
(assert_unlinkable (module (import "exports" (item "f" (func (result i32))) (item "memory" (memory 3)))) "incompatible import type")
(assert_invalid (module (type (func)) (import "exports" (item "f") (item "g") (func (type 1)))) "unknown type")

;; The same in bytes: kinds 0x7f and 0x7e after an empty name.
(module binary
  "\00asm\01\00\00\00" "\01\05\01\60\00\01\7f"
  "\02\16" "\02" "\07exports\00\7f" "\01" "\01f\00\00" "\00\00\7e\00\00\00")
(assert_malformed (module binary
  "\00asm\01\00\00\00" "\01\05\01\60\00\01\7f"
  "\02\10" "\01" "\07exports\00\7f" "\02" "\01f\00\00") "unexpected end")
(assert_malformed (module binary
  "\00asm\01\00\00\00" "\01\05\01\60\00\01\7f"
  "\02\10" "\01" "\07exports\00\7d" "\01" "\01f\00\00") "malformed import kind")
;; A kind of these after a name that isn't empty.
(assert_malformed (module binary
  "\00asm\01\00\00\00" "\01\05\01\60\00\01\7f"
  "\02\11" "\01" "\07exports\01x\7f" "\01" "\01f\00\00") "malformed import kind")
