//! `wasi:filesystem`.

use super::{Interface, function};
use crate::host::Variant;

const BUNDLE: &[Variant] = &[Variant::Bundle];

pub static INTERFACES: [Interface; 2] = [
    Interface {
        name: "wasi:filesystem/types",
        functions: &[
            function(
                "[method]descriptor.read-via-stream",
                "(borrow<descriptor>, u64) -> result<own<input-stream>, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.write-via-stream",
                "(borrow<descriptor>, u64) -> result<own<output-stream>, error-code>",
            ),
            function(
                "[method]descriptor.append-via-stream",
                "(borrow<descriptor>) -> result<own<output-stream>, error-code>",
            ),
            function(
                "[method]descriptor.advise",
                "(borrow<descriptor>, u64, u64, advice) -> result<_, error-code>",
            ),
            function("[method]descriptor.sync-data", "(borrow<descriptor>) -> result<_, error-code>"),
            function(
                "[method]descriptor.get-flags",
                "(borrow<descriptor>) -> result<descriptor-flags, error-code>",
            ),
            function(
                "[method]descriptor.get-type",
                "(borrow<descriptor>) -> result<descriptor-type, error-code>",
            ),
            function("[method]descriptor.set-size", "(borrow<descriptor>, u64) -> result<_, error-code>"),
            function(
                "[method]descriptor.set-times",
                "(borrow<descriptor>, new-timestamp, new-timestamp) -> result<_, error-code>",
            ),
            function(
                "[method]descriptor.read",
                "(borrow<descriptor>, u64, u64) -> result<tuple<list<u8>, bool>, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.write",
                "(borrow<descriptor>, list<u8>, u64) -> result<u64, error-code>",
            ),
            function(
                "[method]descriptor.read-directory",
                "(borrow<descriptor>) -> result<own<directory-entry-stream>, error-code>",
            ),
            function("[method]descriptor.sync", "(borrow<descriptor>) -> result<_, error-code>"),
            function(
                "[method]descriptor.create-directory-at",
                "(borrow<descriptor>, string) -> result<_, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.stat",
                "(borrow<descriptor>) -> result<descriptor-stat, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.stat-at",
                "(borrow<descriptor>, path-flags, string) -> result<descriptor-stat, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.set-times-at",
                "(borrow<descriptor>, path-flags, string, new-timestamp, new-timestamp) -> result<_, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.link-at",
                "(borrow<descriptor>, path-flags, string, borrow<descriptor>, string) -> result<_, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.open-at",
                "(borrow<descriptor>, path-flags, string, open-flags, descriptor-flags) -> result<own<descriptor>, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.readlink-at",
                "(borrow<descriptor>, string) -> result<string, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.remove-directory-at",
                "(borrow<descriptor>, string) -> result<_, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.rename-at",
                "(borrow<descriptor>, string, borrow<descriptor>, string) -> result<_, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.symlink-at",
                "(borrow<descriptor>, string, string) -> result<_, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.unlink-file-at",
                "(borrow<descriptor>, string) -> result<_, error-code>",
            ).with(BUNDLE),
            function("[method]descriptor.is-same-object", "(borrow<descriptor>, borrow<descriptor>) -> bool").with(BUNDLE),
            function(
                "[method]descriptor.metadata-hash",
                "(borrow<descriptor>) -> result<metadata-hash-value, error-code>",
            ).with(BUNDLE),
            function(
                "[method]descriptor.metadata-hash-at",
                "(borrow<descriptor>, path-flags, string) -> result<metadata-hash-value, error-code>",
            ).with(BUNDLE),
            function(
                "[method]directory-entry-stream.read-directory-entry",
                "(borrow<directory-entry-stream>) -> result<option<directory-entry>, error-code>",
            ).with(BUNDLE),
            function("filesystem-error-code", "(borrow<error>) -> option<error-code>"),
        ],
    },
    Interface {
        name: "wasi:filesystem/preopens",
        functions: &[function("get-directories", "() -> list<tuple<own<descriptor>, string>>")
                .with(&[Variant::NoDirectories])],
    },
];
