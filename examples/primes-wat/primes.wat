;; Counts the primes below 1,000,000 with a sieve and prints the number, with no more of WASI than
;; `fd_write`. WAT can be compiled as it is: wasm-aot build primes.wat -o primes
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 17)
  ;; 0: the vector of one buffer, 8: bytes written, 16 to 31: digits, 1024 and on: the sieve.
  (global $sieve i32 (i32.const 1024))
  (global $limit i32 (i32.const 1000000))

  (func $count_primes (result i32)
    (local $candidate i32) (local $multiple i32) (local $count i32)
    (local.set $candidate (i32.const 2))
    (loop $candidates
      (if (i32.eqz (i32.load8_u (i32.add (global.get $sieve) (local.get $candidate))))
        (then
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $multiple (i32.add (local.get $candidate) (local.get $candidate)))
          (block $crossed_out
            (loop $multiples
              (br_if $crossed_out (i32.ge_u (local.get $multiple) (global.get $limit)))
              (i32.store8 (i32.add (global.get $sieve) (local.get $multiple)) (i32.const 1))
              (local.set $multiple (i32.add (local.get $multiple) (local.get $candidate)))
              (br $multiples)))))
      (local.set $candidate (i32.add (local.get $candidate) (i32.const 1)))
      (br_if $candidates (i32.lt_u (local.get $candidate) (global.get $limit))))
    (local.get $count))

  ;; Prints a number and a newline.
  (func $print (param $number i32)
    (local $position i32)
    (local.set $position (i32.const 31))
    (i32.store8 (local.get $position) (i32.const 10))
    (loop $digits
      (local.set $position (i32.sub (local.get $position) (i32.const 1)))
      (i32.store8 (local.get $position)
        (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $digits (local.get $number)))
    (i32.store (i32.const 0) (local.get $position))
    (i32.store (i32.const 4) (i32.sub (i32.const 32) (local.get $position)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start")
    (call $print (call $count_primes))))
