;;! emit = "run"
;; An interpreter with its state in memory: the address of the next operation, which `optimise/carry.rs` hands from
;; operation to operation in a register, is changed in every way that is possible in between.
(module
  (memory (export "memory") 1 4)
  (data (i32.const 1024) "\01\02\08\00\03\09\00\04\0a\00\05\0b\00\06\0c\07\0d\00\0e\01\10\02\03\04\11\12\13\09\00\12\13\0c\08\00\13\05\0c\0b\00\0e\13\00")
  (func $skip (param $s i32)
    (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))))
  (func $interpret (param $s i32) (result i32) (local $op i32) (local $p i32) (local $n i32)
    (i32.store offset=8 (local.get $s) (i32.const 1024))
    (local.set $op (i32.load8_u (i32.const 1024)))
    (loop $dispatch (result i32)
      (block $19
      (block $18
      (block $17
      (block $16
      (block $15
      (block $14
      (block $13
      (block $12
      (block $11
      (block $10
      (block $9
      (block $8
      (block $7
      (block $6
      (block $5
      (block $4
      (block $3
      (block $2
      (block $1
      (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 $12 $13 $14 $15 $16 $17 $18 $19 $0 (local.get $op))
      )
      ;; 0: halt
      (return (i32.load offset=12 (local.get $s))))
      ;; 1: add 1
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 2: add 2
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 2)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 3: add 3
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 3)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 4: add 4
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 4)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 5: add 5
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 5)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 6: add 6
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 6)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 7: add 7
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 7)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 8: skip a byte by a store of a byte into the address
      (i32.store8 offset=8 (local.get $s) (i32.add (i32.load8_u offset=8 (local.get $s)) (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 9: skip a byte through a pointer that may be anything
      (i32.store (i32.load (i32.const 0)) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 10: skip a byte through a store that overlaps
      (i64.store offset=4 (local.get $s) (i64.add (i64.load offset=4 (local.get $s)) (i64.const 0x100000000)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 11: skip a byte in a function
      (call $skip (local.get $s))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 12: go on with a copy of the state
      (i64.store offset=64 (local.get $s) (i64.load (local.get $s))) (i64.store offset=72 (local.get $s) (i64.load offset=8 (local.get $s))) (local.set $s (i32.add (local.get $s) (i32.const 64))) (i32.store (i32.const 0) (i32.add (local.get $s) (i32.const 8)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 13: leave a byte out without loading the address again
      (local.set $p (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $p) (i32.const 2))) (local.set $op (i32.load8_u offset=2 (local.get $p))) (br $dispatch))
      ;; 14: no change of the address: the next operation by its number
      (local.set $op (i32.const 15)) (br $dispatch))
      ;; 15: what that one does
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 77)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 16: grow
      (drop (memory.grow (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 17: a jump back, eight times
      (local.set $n (i32.add (local.get $n) (i32.const 1))) (if (i32.lt_u (local.get $n) (i32.const 8)) (then (i32.store offset=8 (local.get $s) (i32.sub (i32.load offset=8 (local.get $s)) (i32.const 5))) (local.set $op (i32.load8_u (i32.load offset=8 (local.get $s)))) (br $dispatch)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 18: set and read
      (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (i32.store offset=12 (local.get $s) (i32.xor (i32.load offset=12 (local.get $s)) (i32.load offset=8 (local.get $s))))(local.set $op (i32.load8_u (i32.load offset=8 (local.get $s)))) (br $dispatch))
      ;; 19: a branch on either side
      (if (i32.and (i32.load offset=12 (local.get $s)) (i32.const 1)) (then (i32.store offset=12 (local.get $s) (i32.add (i32.load offset=12 (local.get $s)) (i32.load offset=8 (local.get $s))))) (else (i32.store offset=12 (local.get $s) (i32.sub (i32.load offset=12 (local.get $s)) (i32.load offset=8 (local.get $s))))))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch)))
  ;; The state is nowhere in the memory, and the operation that ends doesn't look at it.
  (func $lazy (param $s i32) (param $op i32) (result i32) (local $p i32) (local $n i32)
    (loop $dispatch (result i32)
      (block $19
      (block $18
      (block $17
      (block $16
      (block $15
      (block $14
      (block $13
      (block $12
      (block $11
      (block $10
      (block $9
      (block $8
      (block $7
      (block $6
      (block $5
      (block $4
      (block $3
      (block $2
      (block $1
      (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11 $12 $13 $14 $15 $16 $17 $18 $19 $0 (local.get $op))
      )
      ;; 0: halt
      (return (i32.const 5)))
      ;; 1: add 1
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 2: add 2
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 2)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 3: add 3
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 3)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 4: add 4
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 4)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 5: add 5
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 5)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 6: add 6
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 6)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 7: add 7
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 7)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 8: skip a byte by a store of a byte into the address
      (i32.store8 offset=8 (local.get $s) (i32.add (i32.load8_u offset=8 (local.get $s)) (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 9: skip a byte through a pointer that may be anything
      (i32.store (i32.load (i32.const 0)) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 10: skip a byte through a store that overlaps
      (i64.store offset=4 (local.get $s) (i64.add (i64.load offset=4 (local.get $s)) (i64.const 0x100000000)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 11: skip a byte in a function
      (call $skip (local.get $s))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 12: go on with a copy of the state
      (i64.store offset=64 (local.get $s) (i64.load (local.get $s))) (i64.store offset=72 (local.get $s) (i64.load offset=8 (local.get $s))) (local.set $s (i32.add (local.get $s) (i32.const 64))) (i32.store (i32.const 0) (i32.add (local.get $s) (i32.const 8)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 13: leave a byte out without loading the address again
      (local.set $p (i32.load offset=8 (local.get $s))) (i32.store offset=8 (local.get $s) (i32.add (local.get $p) (i32.const 2))) (local.set $op (i32.load8_u offset=2 (local.get $p))) (br $dispatch))
      ;; 14: no change of the address: the next operation by its number
      (local.set $op (i32.const 15)) (br $dispatch))
      ;; 15: what that one does
      (i32.store offset=12 (local.get $s) (i32.add (i32.mul (i32.load offset=12 (local.get $s)) (i32.const 31)) (i32.const 77)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 16: grow
      (drop (memory.grow (i32.const 1)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 17: a jump back, eight times
      (local.set $n (i32.add (local.get $n) (i32.const 1))) (if (i32.lt_u (local.get $n) (i32.const 8)) (then (i32.store offset=8 (local.get $s) (i32.sub (i32.load offset=8 (local.get $s)) (i32.const 5))) (local.set $op (i32.load8_u (i32.load offset=8 (local.get $s)))) (br $dispatch)))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch))
      ;; 18: set and read
      (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (i32.store offset=12 (local.get $s) (i32.xor (i32.load offset=12 (local.get $s)) (i32.load offset=8 (local.get $s))))(local.set $op (i32.load8_u (i32.load offset=8 (local.get $s)))) (br $dispatch))
      ;; 19: a branch on either side
      (if (i32.and (i32.load offset=12 (local.get $s)) (i32.const 1)) (then (i32.store offset=12 (local.get $s) (i32.add (i32.load offset=12 (local.get $s)) (i32.load offset=8 (local.get $s))))) (else (i32.store offset=12 (local.get $s) (i32.sub (i32.load offset=12 (local.get $s)) (i32.load offset=8 (local.get $s))))))(local.set $op (i32.load8_u offset=1 (i32.load offset=8 (local.get $s)))) (i32.store offset=8 (local.get $s) (i32.add (i32.load offset=8 (local.get $s)) (i32.const 1))) (br $dispatch)))
  (func (export "_start")
    (if (i32.ne (call $lazy (i32.const 0x7ffffff0) (i32.const 0)) (i32.const 5)) (then unreachable))
    (i32.store (i32.const 0) (i32.const 264))
    (if (i32.ne (call $interpret (i32.const 256)) (i32.const 1838116691)) (then unreachable))))
