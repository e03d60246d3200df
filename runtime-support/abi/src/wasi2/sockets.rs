//! `wasi:sockets`.

use super::{Interface, function};

pub static INTERFACES: [Interface; 7] = [
    Interface { name: "wasi:sockets/network", functions: &[] },
    Interface {
        name: "wasi:sockets/instance-network",
        functions: &[function("instance-network", "() -> own<network>")],
    },
    Interface {
        name: "wasi:sockets/ip-name-lookup",
        functions: &[
            function(
                "[method]resolve-address-stream.resolve-next-address",
                "(borrow<resolve-address-stream>) -> result<option<ip-address>, network-error-code>",
            ),
            function(
                "[method]resolve-address-stream.subscribe",
                "(borrow<resolve-address-stream>) -> own<pollable>",
            ),
            function(
                "resolve-addresses",
                "(borrow<network>, string) -> result<own<resolve-address-stream>, network-error-code>",
            ),
        ],
    },
    Interface {
        name: "wasi:sockets/tcp",
        functions: &[
            function(
                "[method]tcp-socket.start-bind",
                "(borrow<tcp-socket>, borrow<network>, ip-socket-address) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.finish-bind",
                "(borrow<tcp-socket>) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.start-connect",
                "(borrow<tcp-socket>, borrow<network>, ip-socket-address) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.finish-connect",
                "(borrow<tcp-socket>) -> result<tuple<own<input-stream>, own<output-stream>>, network-error-code>",
            ),
            function(
                "[method]tcp-socket.start-listen",
                "(borrow<tcp-socket>) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.finish-listen",
                "(borrow<tcp-socket>) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.accept",
                "(borrow<tcp-socket>) -> result<tuple<own<tcp-socket>, own<input-stream>, own<output-stream>>, network-error-code>",
            ),
            function(
                "[method]tcp-socket.local-address",
                "(borrow<tcp-socket>) -> result<ip-socket-address, network-error-code>",
            ),
            function(
                "[method]tcp-socket.remote-address",
                "(borrow<tcp-socket>) -> result<ip-socket-address, network-error-code>",
            ),
            function("[method]tcp-socket.is-listening", "(borrow<tcp-socket>) -> bool"),
            function("[method]tcp-socket.address-family", "(borrow<tcp-socket>) -> ip-address-family"),
            function(
                "[method]tcp-socket.set-listen-backlog-size",
                "(borrow<tcp-socket>, u64) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.keep-alive-enabled",
                "(borrow<tcp-socket>) -> result<bool, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-keep-alive-enabled",
                "(borrow<tcp-socket>, bool) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.keep-alive-idle-time",
                "(borrow<tcp-socket>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-keep-alive-idle-time",
                "(borrow<tcp-socket>, u64) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.keep-alive-interval",
                "(borrow<tcp-socket>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-keep-alive-interval",
                "(borrow<tcp-socket>, u64) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.keep-alive-count",
                "(borrow<tcp-socket>) -> result<u32, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-keep-alive-count",
                "(borrow<tcp-socket>, u32) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.hop-limit",
                "(borrow<tcp-socket>) -> result<u8, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-hop-limit",
                "(borrow<tcp-socket>, u8) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.receive-buffer-size",
                "(borrow<tcp-socket>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-receive-buffer-size",
                "(borrow<tcp-socket>, u64) -> result<_, network-error-code>",
            ),
            function(
                "[method]tcp-socket.send-buffer-size",
                "(borrow<tcp-socket>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]tcp-socket.set-send-buffer-size",
                "(borrow<tcp-socket>, u64) -> result<_, network-error-code>",
            ),
            function("[method]tcp-socket.subscribe", "(borrow<tcp-socket>) -> own<pollable>"),
            function(
                "[method]tcp-socket.shutdown",
                "(borrow<tcp-socket>, shutdown-type) -> result<_, network-error-code>",
            ),
        ],
    },
    Interface {
        name: "wasi:sockets/tcp-create-socket",
        functions: &[function(
            "create-tcp-socket",
            "(ip-address-family) -> result<own<tcp-socket>, network-error-code>",
        )],
    },
    Interface {
        name: "wasi:sockets/udp",
        functions: &[
            function(
                "[method]udp-socket.start-bind",
                "(borrow<udp-socket>, borrow<network>, ip-socket-address) -> result<_, network-error-code>",
            ),
            function(
                "[method]udp-socket.finish-bind",
                "(borrow<udp-socket>) -> result<_, network-error-code>",
            ),
            function(
                "[method]udp-socket.stream",
                "(borrow<udp-socket>, option<ip-socket-address>) -> result<tuple<own<incoming-datagram-stream>, own<outgoing-datagram-stream>>, network-error-code>",
            ),
            function(
                "[method]udp-socket.local-address",
                "(borrow<udp-socket>) -> result<ip-socket-address, network-error-code>",
            ),
            function(
                "[method]udp-socket.remote-address",
                "(borrow<udp-socket>) -> result<ip-socket-address, network-error-code>",
            ),
            function("[method]udp-socket.address-family", "(borrow<udp-socket>) -> ip-address-family"),
            function(
                "[method]udp-socket.unicast-hop-limit",
                "(borrow<udp-socket>) -> result<u8, network-error-code>",
            ),
            function(
                "[method]udp-socket.set-unicast-hop-limit",
                "(borrow<udp-socket>, u8) -> result<_, network-error-code>",
            ),
            function(
                "[method]udp-socket.receive-buffer-size",
                "(borrow<udp-socket>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]udp-socket.set-receive-buffer-size",
                "(borrow<udp-socket>, u64) -> result<_, network-error-code>",
            ),
            function(
                "[method]udp-socket.send-buffer-size",
                "(borrow<udp-socket>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]udp-socket.set-send-buffer-size",
                "(borrow<udp-socket>, u64) -> result<_, network-error-code>",
            ),
            function("[method]udp-socket.subscribe", "(borrow<udp-socket>) -> own<pollable>"),
            function(
                "[method]incoming-datagram-stream.receive",
                "(borrow<incoming-datagram-stream>, u64) -> result<list<incoming-datagram>, network-error-code>",
            ),
            function(
                "[method]incoming-datagram-stream.subscribe",
                "(borrow<incoming-datagram-stream>) -> own<pollable>",
            ),
            function(
                "[method]outgoing-datagram-stream.check-send",
                "(borrow<outgoing-datagram-stream>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]outgoing-datagram-stream.send",
                "(borrow<outgoing-datagram-stream>, list<outgoing-datagram>) -> result<u64, network-error-code>",
            ),
            function(
                "[method]outgoing-datagram-stream.subscribe",
                "(borrow<outgoing-datagram-stream>) -> own<pollable>",
            ),
        ],
    },
    Interface {
        name: "wasi:sockets/udp-create-socket",
        functions: &[function(
            "create-udp-socket",
            "(ip-address-family) -> result<own<udp-socket>, network-error-code>",
        )],
    },
];
