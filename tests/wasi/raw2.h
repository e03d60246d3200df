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
IMPORT("io/streams", "[method]input-stream.blocking-read", void, blocking_read, u32, u64, void *);
IMPORT("io/streams", "[method]output-stream.blocking-write-and-flush", void, blocking_write, u32, STRING, void *);
IMPORT("io/streams", "[resource-drop]input-stream", void, drop_input_stream, u32);
IMPORT("io/streams", "[resource-drop]output-stream", void, drop_output_stream, u32);

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
