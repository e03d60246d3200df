;; Makes a command of the graphviz library: reads a graph from standard input, lays it out with
;; `dot` and writes SVG to standard output. It shares the library's memory; all that it needs there
;; it allocates with the library's malloc.
(module
  (import "library" "memory" (memory 0))
  (import "library" "_start" (func $initialize))
  (import "library" "malloc" (func $malloc (param i32) (result i32)))
  (import "library" "graphviz_render" (func $render (param i32 i32 i32 i32) (result i32)))
  (import "library" "graphviz_last_error" (func $last_error (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (global $limit i32 (i32.const 1048576))

  ;; Reads all of standard input into a buffer that ends in a zero byte.
  (func $input (result i32)
    (local $buffer i32) (local $length i32) (local $iovec i32)
    (local.set $buffer (call $malloc (i32.add (global.get $limit) (i32.const 1))))
    (local.set $iovec (call $malloc (i32.const 12)))
    (loop $more
      (i32.store (local.get $iovec) (i32.add (local.get $buffer) (local.get $length)))
      (i32.store offset=4 (local.get $iovec) (i32.sub (global.get $limit) (local.get $length)))
      (if (call $fd_read (i32.const 0) (local.get $iovec) (i32.const 1)
            (i32.add (local.get $iovec) (i32.const 8)))
        (then (call $proc_exit (i32.const 2))))
      (local.set $length
        (i32.add (local.get $length) (i32.load offset=8 (local.get $iovec))))
      (br_if $more (i32.load offset=8 (local.get $iovec))))
    (i32.store8 (i32.add (local.get $buffer) (local.get $length)) (i32.const 0))
    (local.get $buffer))

  (func $output (param $fd i32) (param $bytes i32) (param $length i32)
    (local $iovec i32)
    (local.set $iovec (call $malloc (i32.const 12)))
    (loop $more
      (i32.store (local.get $iovec) (local.get $bytes))
      (i32.store offset=4 (local.get $iovec) (local.get $length))
      (if (call $fd_write (local.get $fd) (local.get $iovec) (i32.const 1)
            (i32.add (local.get $iovec) (i32.const 8)))
        (then (call $proc_exit (i32.const 3))))
      (local.set $bytes (i32.add (local.get $bytes) (i32.load offset=8 (local.get $iovec))))
      (local.set $length (i32.sub (local.get $length) (i32.load offset=8 (local.get $iovec))))
      (br_if $more (local.get $length))))

  (func $length (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $more)))
    (i32.sub (local.get $end) (local.get $text)))

  (func (export "_start")
    (local $names i32) (local $result i32)
    (call $initialize)
    ;; "svg\0", "dot\0" and room for the length of the result.
    (local.set $names (call $malloc (i32.const 12)))
    (i32.store (local.get $names) (i32.const 0x00677673))
    (i32.store offset=4 (local.get $names) (i32.const 0x00746f64))
    (local.set $result
      (call $render (call $input) (local.get $names)
        (i32.add (local.get $names) (i32.const 4))
        (i32.add (local.get $names) (i32.const 8))))
    (if (i32.eqz (local.get $result))
      (then
        (call $output (i32.const 2) (call $last_error) (call $length (call $last_error)))
        (call $proc_exit (i32.const 1))))
    (call $output (i32.const 1) (local.get $result)
      (i32.load offset=8 (local.get $names)))))
