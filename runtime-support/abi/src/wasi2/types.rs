//! The types that have names, in the notation of `Function::ty`.

pub static TYPES: [(&str, &str); 29] = [
    ("stream-error", "variant{last-operation-failed(own<error>), closed}"),
    ("method", "variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}"),
    ("scheme", "variant{HTTP, HTTPS, other(string)}"),
    ("header-error", "variant{invalid-syntax, forbidden, immutable}"),
    (
        "http-error-code",
        "variant{DNS-timeout, DNS-error(record{rcode: option<string>, info-code: option<u16>}), \
         destination-not-found, destination-unavailable, destination-IP-prohibited, destination-IP-unroutable, \
         connection-refused, connection-terminated, connection-timeout, connection-read-timeout, \
         connection-write-timeout, connection-limit-reached, TLS-protocol-error, TLS-certificate-error, \
         TLS-alert-received(record{alert-id: option<u8>, alert-message: option<string>}), HTTP-request-denied, \
         HTTP-request-length-required, HTTP-request-body-size(option<u64>), HTTP-request-method-invalid, \
         HTTP-request-URI-invalid, HTTP-request-URI-too-long, HTTP-request-header-section-size(option<u32>), \
         HTTP-request-header-size(option<record{field-name: option<string>, field-size: option<u32>}>), \
         HTTP-request-trailer-section-size(option<u32>), \
         HTTP-request-trailer-size(record{field-name: option<string>, field-size: option<u32>}), \
         HTTP-response-incomplete, HTTP-response-header-section-size(option<u32>), \
         HTTP-response-header-size(record{field-name: option<string>, field-size: option<u32>}), \
         HTTP-response-body-size(option<u64>), HTTP-response-trailer-section-size(option<u32>), \
         HTTP-response-trailer-size(record{field-name: option<string>, field-size: option<u32>}), \
         HTTP-response-transfer-coding(option<string>), HTTP-response-content-coding(option<string>), \
         HTTP-response-timeout, HTTP-upgrade-failed, HTTP-protocol-error, loop-detected, configuration-error, \
         internal-error(option<string>)}",
    ),
    ("datetime", "record{seconds: u64, nanoseconds: u32}"),
    // Of 0.3.
    ("instant", "record{seconds: s64, nanoseconds: u32}"),
    ("stdio-error-code", "enum{io, illegal-byte-sequence, pipe}"),
    (
        "descriptor-type",
        "enum{unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket}",
    ),
    (
        "descriptor-flags",
        "flags{read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory}",
    ),
    ("path-flags", "flags{symlink-follow}"),
    ("open-flags", "flags{create, directory, exclusive, truncate}"),
    (
        "descriptor-stat",
        "record{type: descriptor-type, link-count: u64, size: u64, data-access-timestamp: option<datetime>, \
         data-modification-timestamp: option<datetime>, status-change-timestamp: option<datetime>}",
    ),
    ("new-timestamp", "variant{no-change, now, timestamp(datetime)}"),
    ("directory-entry", "record{type: descriptor-type, name: string}"),
    (
        "error-code",
        "enum{access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, \
         illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, \
         message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, \
         not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow, \
         not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device}",
    ),
    ("advice", "enum{normal, sequential, random, will-need, dont-need, no-reuse}"),
    ("metadata-hash-value", "record{lower: u64, upper: u64}"),
    (
        "network-error-code",
        "enum{unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, \
         concurrency-conflict, not-in-progress, would-block, invalid-state, new-socket-limit, \
         address-not-bindable, address-in-use, remote-unreachable, connection-refused, connection-reset, \
         connection-aborted, datagram-too-large, name-unresolvable, temporary-resolver-failure, \
         permanent-resolver-failure}",
    ),
    ("ip-address-family", "enum{ipv4, ipv6}"),
    ("ipv4-address", "tuple<u8, u8, u8, u8>"),
    ("ipv6-address", "tuple<u16, u16, u16, u16, u16, u16, u16, u16>"),
    ("ip-address", "variant{ipv4(ipv4-address), ipv6(ipv6-address)}"),
    ("ipv4-socket-address", "record{port: u16, address: ipv4-address}"),
    ("ipv6-socket-address", "record{port: u16, flow-info: u32, address: ipv6-address, scope-id: u32}"),
    ("ip-socket-address", "variant{ipv4(ipv4-socket-address), ipv6(ipv6-socket-address)}"),
    ("shutdown-type", "enum{receive, send, both}"),
    ("incoming-datagram", "record{data: list<u8>, remote-address: ip-socket-address}"),
    ("outgoing-datagram", "record{data: list<u8>, remote-address: option<ip-socket-address>}"),
];
