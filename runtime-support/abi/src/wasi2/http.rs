//! `wasi:http`: what servers need. Functions without a row trap when they are called, and so do all of them in programs
//! that aren't servers: tools import them without need.

use super::{Interface, function};

pub static INTERFACES: [Interface; 1] = [Interface {
    name: "wasi:http/types",
    functions: &[
        function("http-error-code", "(borrow<error>) -> option<http-error-code>"),
        function("[constructor]fields", "() -> own<fields>"),
        function(
            "[static]fields.from-list",
            "(list<tuple<string, list<u8>>>) -> result<own<fields>, header-error>",
        ),
        function("[method]fields.get", "(borrow<fields>, string) -> list<list<u8>>"),
        function("[method]fields.has", "(borrow<fields>, string) -> bool"),
        function("[method]fields.set", "(borrow<fields>, string, list<list<u8>>) -> result<_, header-error>"),
        function("[method]fields.delete", "(borrow<fields>, string) -> result<_, header-error>"),
        function("[method]fields.append", "(borrow<fields>, string, list<u8>) -> result<_, header-error>"),
        function("[method]fields.entries", "(borrow<fields>) -> list<tuple<string, list<u8>>>"),
        function("[method]fields.clone", "(borrow<fields>) -> own<fields>"),
        function("[method]incoming-request.method", "(borrow<incoming-request>) -> method"),
        function("[method]incoming-request.path-with-query", "(borrow<incoming-request>) -> option<string>"),
        function("[method]incoming-request.scheme", "(borrow<incoming-request>) -> option<scheme>"),
        function("[method]incoming-request.authority", "(borrow<incoming-request>) -> option<string>"),
        function("[method]incoming-request.headers", "(borrow<incoming-request>) -> own<fields>"),
        function(
            "[method]incoming-request.consume",
            "(borrow<incoming-request>) -> result<own<incoming-body>>",
        ),
        function("[method]incoming-body.stream", "(borrow<incoming-body>) -> result<own<input-stream>>"),
        function("[static]incoming-body.finish", "(own<incoming-body>) -> own<future-trailers>"),
        function("[method]future-trailers.subscribe", "(borrow<future-trailers>) -> own<pollable>"),
        function(
            "[method]future-trailers.get",
            "(borrow<future-trailers>) -> option<result<result<option<own<fields>>, http-error-code>>>",
        ),
        function(
            "[static]response-outparam.set",
            "(own<response-outparam>, result<own<outgoing-response>, http-error-code>)",
        ),
        function("[constructor]outgoing-response", "(own<fields>) -> own<outgoing-response>"),
        function("[method]outgoing-response.status-code", "(borrow<outgoing-response>) -> u16"),
        function("[method]outgoing-response.set-status-code", "(borrow<outgoing-response>, u16) -> result"),
        function("[method]outgoing-response.headers", "(borrow<outgoing-response>) -> own<fields>"),
        function(
            "[method]outgoing-response.body",
            "(borrow<outgoing-response>) -> result<own<outgoing-body>>",
        ),
        function("[method]outgoing-body.write", "(borrow<outgoing-body>) -> result<own<output-stream>>"),
        function(
            "[static]outgoing-body.finish",
            "(own<outgoing-body>, option<own<fields>>) -> result<_, http-error-code>",
        ),
    ],
}];
