//! `wasi:io`.

use super::{Interface, function};

pub static INTERFACES: [Interface; 3] = [
    Interface {
        name: "wasi:io/error",
        functions: &[function("[method]error.to-debug-string", "(borrow<error>) -> string")],
    },
    Interface {
        name: "wasi:io/poll",
        functions: &[
            function("[method]pollable.ready", "(borrow<pollable>) -> bool"),
            function("[method]pollable.block", "(borrow<pollable>)"),
            function("poll", "(list<borrow<pollable>>) -> list<u32>"),
        ],
    },
    Interface {
        name: "wasi:io/streams",
        functions: &[
            function(
                "[method]input-stream.read",
                "(borrow<input-stream>, u64) -> result<list<u8>, stream-error>",
            ),
            function(
                "[method]input-stream.blocking-read",
                "(borrow<input-stream>, u64) -> result<list<u8>, stream-error>",
            ),
            function("[method]input-stream.skip", "(borrow<input-stream>, u64) -> result<u64, stream-error>"),
            function(
                "[method]input-stream.blocking-skip",
                "(borrow<input-stream>, u64) -> result<u64, stream-error>",
            ),
            function("[method]input-stream.subscribe", "(borrow<input-stream>) -> own<pollable>"),
            function(
                "[method]output-stream.check-write",
                "(borrow<output-stream>) -> result<u64, stream-error>",
            ),
            function(
                "[method]output-stream.write",
                "(borrow<output-stream>, list<u8>) -> result<_, stream-error>",
            ),
            function(
                "[method]output-stream.blocking-write-and-flush",
                "(borrow<output-stream>, list<u8>) -> result<_, stream-error>",
            ),
            function("[method]output-stream.flush", "(borrow<output-stream>) -> result<_, stream-error>"),
            function(
                "[method]output-stream.blocking-flush",
                "(borrow<output-stream>) -> result<_, stream-error>",
            ),
            function("[method]output-stream.subscribe", "(borrow<output-stream>) -> own<pollable>"),
            function(
                "[method]output-stream.write-zeroes",
                "(borrow<output-stream>, u64) -> result<_, stream-error>",
            ),
            function(
                "[method]output-stream.blocking-write-zeroes-and-flush",
                "(borrow<output-stream>, u64) -> result<_, stream-error>",
            ),
            function(
                "[method]output-stream.splice",
                "(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, stream-error>",
            ),
            function(
                "[method]output-stream.blocking-splice",
                "(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, stream-error>",
            ),
        ],
    },
];
