// Imports of WASI 0.2, as the canonical ABI lowers them: results that don't fit into one value are written to `result`.
// The version WASI2 is that of the WIT with which run.py makes a component of a test that includes this.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t u32;
typedef uint64_t u64;

#define IMPORT(interface, name, type, function, ...) \
  extern type function(__VA_ARGS__) __attribute__((import_module("wasi:" interface "@" WASI2), import_name(name)))
#define TYPES(name, function, ...) IMPORT("filesystem/types", name, void, function, __VA_ARGS__)
#define METHOD(name, function, ...) TYPES("[method]descriptor." name, function, __VA_ARGS__)

// A string or list, and a `new-timestamp`.
#define STRING const char *, u32
#define TIMESTAMP u32, u64, u32

METHOD("read-via-stream", read_via_stream, u32, u64, void *);
METHOD("write-via-stream", write_via_stream, u32, u64, void *);
METHOD("append-via-stream", append_via_stream, u32, void *);
METHOD("advise", advise, u32, u64, u64, u32, void *);
METHOD("sync-data", sync_data, u32, void *);
METHOD("sync", sync_all, u32, void *);
METHOD("get-flags", get_flags, u32, void *);
METHOD("get-type", get_type, u32, void *);
METHOD("set-size", set_size, u32, u64, void *);
METHOD("set-times", set_times, u32, TIMESTAMP, TIMESTAMP, void *);
METHOD("read", read_at, u32, u64, u64, void *);
METHOD("write", write_at, u32, STRING, u64, void *);
METHOD("read-directory", read_directory, u32, void *);
METHOD("create-directory-at", create_directory_at, u32, STRING, void *);
METHOD("stat", stat_of, u32, void *);
METHOD("stat-at", stat_at, u32, u32, STRING, void *);
METHOD("set-times-at", set_times_at, u32, u32, STRING, TIMESTAMP, TIMESTAMP, void *);
METHOD("link-at", link_at, u32, u32, STRING, u32, STRING, void *);
METHOD("open-at", open_at, u32, u32, STRING, u32, u32, void *);
METHOD("readlink-at", readlink_at, u32, STRING, void *);
METHOD("remove-directory-at", remove_directory_at, u32, STRING, void *);
METHOD("rename-at", rename_at, u32, STRING, u32, STRING, void *);
METHOD("symlink-at", symlink_at, u32, STRING, STRING, void *);
METHOD("unlink-file-at", unlink_file_at, u32, STRING, void *);
METHOD("metadata-hash", metadata_hash, u32, void *);
METHOD("metadata-hash-at", metadata_hash_at, u32, u32, STRING, void *);
IMPORT("filesystem/types", "[method]descriptor.is-same-object", u32, is_same_object, u32, u32);
TYPES("[method]directory-entry-stream.read-directory-entry", read_directory_entry, u32, void *);
TYPES("filesystem-error-code", filesystem_error_code, u32, void *);
TYPES("[resource-drop]descriptor", drop_descriptor, u32);
TYPES("[resource-drop]directory-entry-stream", drop_directory_entry_stream, u32);
IMPORT("filesystem/preopens", "get-directories", void, get_directories, void *);
#define INPUT(name, type, function, ...) IMPORT("io/streams", "[method]input-stream." name, type, function, __VA_ARGS__)
#define OUTPUT(name, type, function, ...) IMPORT("io/streams", "[method]output-stream." name, type, function, __VA_ARGS__)

INPUT("read", void, read_stream, u32, u64, void *);
INPUT("blocking-read", void, blocking_read, u32, u64, void *);
INPUT("skip", void, skip, u32, u64, void *);
INPUT("blocking-skip", void, blocking_skip, u32, u64, void *);
INPUT("subscribe", u32, subscribe_input, u32);
OUTPUT("check-write", void, check_write, u32, void *);
OUTPUT("write", void, write_stream, u32, STRING, void *);
OUTPUT("blocking-write-and-flush", void, blocking_write, u32, STRING, void *);
OUTPUT("flush", void, flush, u32, void *);
OUTPUT("blocking-flush", void, blocking_flush, u32, void *);
OUTPUT("subscribe", u32, subscribe_output, u32);
OUTPUT("write-zeroes", void, write_zeroes, u32, u64, void *);
OUTPUT("blocking-write-zeroes-and-flush", void, blocking_write_zeroes, u32, u64, void *);
OUTPUT("splice", void, splice, u32, u32, u64, void *);
OUTPUT("blocking-splice", void, blocking_splice, u32, u32, u64, void *);
IMPORT("io/streams", "[resource-drop]input-stream", void, drop_input_stream, u32);
IMPORT("io/streams", "[resource-drop]output-stream", void, drop_output_stream, u32);
IMPORT("io/error", "[method]error.to-debug-string", void, to_debug_string, u32, void *);
IMPORT("io/error", "[resource-drop]error", void, drop_error, u32);
IMPORT("io/poll", "[method]pollable.ready", u32, ready, u32);
IMPORT("io/poll", "[method]pollable.block", void, block, u32);
IMPORT("io/poll", "poll", void, poll_list, const u32 *, u32, void *);
IMPORT("io/poll", "[resource-drop]pollable", void, drop_pollable, u32);
IMPORT("cli/stdin", "get-stdin", u32, get_stdin, void);
IMPORT("cli/stdout", "get-stdout", u32, get_stdout, void);
IMPORT("cli/stderr", "get-stderr", u32, get_stderr, void);
IMPORT("cli/exit", "exit", void, exit_with, u32);
IMPORT("cli/terminal-stdin", "get-terminal-stdin", void, get_terminal_stdin, void *);
IMPORT("cli/terminal-stdout", "get-terminal-stdout", void, get_terminal_stdout, void *);
IMPORT("cli/terminal-stderr", "get-terminal-stderr", void, get_terminal_stderr, void *);
IMPORT("cli/environment", "get-environment", void, get_environment, void *);
IMPORT("cli/environment", "get-arguments", void, get_arguments, void *);
IMPORT("cli/environment", "initial-cwd", void, initial_cwd, void *);
IMPORT("clocks/monotonic-clock", "now", u64, now, void);
IMPORT("clocks/monotonic-clock", "resolution", u64, resolution, void);
IMPORT("clocks/monotonic-clock", "subscribe-instant", u32, subscribe_instant, u64);
IMPORT("clocks/monotonic-clock", "subscribe-duration", u32, subscribe_duration, u64);
IMPORT("clocks/wall-clock", "now", void, wall_now, void *);
IMPORT("clocks/wall-clock", "resolution", void, wall_resolution, void *);
IMPORT("random/random", "get-random-bytes", void, get_random_bytes, u64, void *);
IMPORT("random/random", "get-random-u64", u64, get_random_u64, void);
IMPORT("random/insecure", "get-insecure-random-bytes", void, get_insecure_random_bytes, u64, void *);
IMPORT("random/insecure", "get-insecure-random-u64", u64, get_insecure_random_u64, void);
IMPORT("random/insecure-seed", "insecure-seed", void, insecure_seed, void *);

enum { FOLLOW = 1 };
enum { CREATE = 1, DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8 };
enum { READ = 1, WRITE = 2, FILE_SYNC = 4, DATA_SYNC = 8, REQUESTED_SYNC = 16, MUTATE = 32 };

#define S(s) (s), (u32)strlen(s)

static union {
  uint8_t bytes[128];
  u32 words[32];
  u64 longs[16];
} result;

// What lists and strings of results are in.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, u32 old_size, u32 alignment, u32 size) {
  return size ? realloc(old, size) : (void *)(uintptr_t)alignment;
}

static const char *code(int number) {
  static const char *const names[] = {
      "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist",
      "file-too-large", "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io",
      "is-directory", "loop", "too-many-links", "message-size", "name-too-long", "no-device", "no-entry",
      "no-lock", "insufficient-memory", "insufficient-space", "not-directory", "not-empty",
      "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted", "pipe",
      "read-only", "invalid-seek", "text-file-busy", "cross-device"};
  return number < 37 ? names[number] : "?";
}

// Calls what leaves a `result<T, error-code>`, where `T` has an alignment, and prints the call and whether it
// succeeded; whether it did.
#define SHOW(alignment, call) (call, show(#call, alignment))
__attribute__((unused)) static int show(const char *what, u32 alignment) {
  int failed = result.bytes[0];
  printf("%s: %s\n", what, failed ? code(result.bytes[alignment]) : "ok");
  return !failed;
}
