// wasi:filesystem 0.2, as far as the adapter for preview 1 doesn't use it or translates what it says: flags, ends of files,
// positions, streams that outlive their descriptors, times, identities, directories, and error codes.
#include "raw2.h"

static u32 root;

static u32 opened(const char *path, u32 flags, u32 descriptor_flags) {
  char call[64];
  sprintf(call, "open %s %u %u", path, flags, descriptor_flags);
  open_at(root, 0, S(path), flags, descriptor_flags, &result);
  return show(call, 4) ? result.words[1] : 0;
}

static void show_flags(u32 descriptor) {
  if (SHOW(1, get_flags(descriptor, &result))) printf("  flags %u\n", result.bytes[1]);
  if (SHOW(1, get_type(descriptor, &result))) printf("  type %u\n", result.bytes[1]);
}

// Whether the size of a directory and the number of its links are known depends on the file system.
static void show_stat(void) {
  u64 *stat = &result.longs[1];
  int is_directory = result.bytes[8] == 3;
  printf("  type %u links %d size %d", result.bytes[8], is_directory ? 0 : (int)stat[1], is_directory ? 0 : (int)stat[2]);
  printf(" times %u %u %u\n", result.bytes[8 + 24], result.bytes[8 + 48], result.bytes[8 + 72]);
}

static void show_times(u32 descriptor) {
  stat_of(descriptor, &result);
  for (int at = 8 + 24; at <= 8 + 48; at += 24) {
    printf("  %llu.%09u\n", (unsigned long long)result.longs[(at + 8) / 8], result.words[(at + 16) / 4]);
  }
}

static void show_read(u32 file, u64 length, u64 offset) {
  char call[64];
  sprintf(call, "read %llu at %llu", (unsigned long long)length, (unsigned long long)offset);
  read_at(file, length, offset, &result);
  if (show(call, 4)) printf("  `%.*s` end %u\n", (int)result.words[2], (char *)(uintptr_t)result.words[1], result.bytes[12]);
}

// What is left of a stream-error in `result`.
static void show_stream_error(const char *what) {
  if (!result.bytes[0]) {
    printf("  %s: ok\n", what);
  } else if (result.bytes[4]) {
    printf("  %s: closed\n", what);
  } else {
    filesystem_error_code(result.words[2], &result);
    printf("  %s: failed, %s\n", what, result.bytes[0] ? code(result.bytes[1]) : "no code");
  }
}

static void show_writes(u32 stream) {
  for (int i = 0; i < 2; i++) {
    blocking_write(stream, S(i ? "IJ" : "KLM"), &result);
    show_stream_error("write");
  }
  drop_output_stream(stream);
}

static void show_reads(u32 stream) {
  for (int i = 0; i < 4; i++) {
    blocking_read(stream, 4, &result);
    if (!result.bytes[0]) printf("  `%.*s`\n", (int)result.words[2], (char *)(uintptr_t)result.words[1]);
    show_stream_error("read");
  }
  drop_input_stream(stream);
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static void show_entries(u32 directory) {
  char names[16][32];
  int count = 0;
  if (!SHOW(4, read_directory(directory, &result))) return;
  u32 stream = result.words[1];
  for (;;) {
    read_directory_entry(stream, &result);
    if (result.bytes[0] || !result.bytes[4]) break;
    sprintf(names[count++], "%.*s %u", (int)result.words[4], (char *)(uintptr_t)result.words[3], result.bytes[8]);
  }
  show("read_directory_entry", 4);
  SHOW(4, read_directory_entry(stream, &result));
  printf("  more: %u\n", result.bytes[4]);
  drop_directory_entry_stream(stream);
  qsort(names, count, sizeof *names, by_name);
  for (int i = 0; i < count; i++) printf("  %s\n", names[i]);
}

static void contents(void) {
  u32 file = opened("file", CREATE, READ | WRITE);
  show_flags(file);
  if (SHOW(8, write_at(file, S("0123456789"), 0, &result))) printf("  %d\n", (int)result.longs[1]);
  if (SHOW(8, write_at(file, S("ab"), 12, &result))) printf("  %d\n", (int)result.longs[1]);
  if (SHOW(8, write_at(file, S(""), 5, &result))) printf("  %d\n", (int)result.longs[1]);
  SHOW(8, write_at(file, S("x"), ~0ull, &result));
  show_read(file, 4, 0);
  show_read(file, 100, 8);
  show_read(file, 100, 14);
  show_read(file, 0, 0);
  show_read(file, ~0ull, 13);
  show_read(file, 1, 1ull << 63);
  SHOW(1, set_size(file, 4, &result));
  SHOW(1, set_size(file, ~0ull, &result));
  if (SHOW(8, stat_of(file, &result))) show_stat();
  if (SHOW(4, append_via_stream(file, &result))) show_writes(result.words[1]);
  if (SHOW(4, write_via_stream(file, 1, &result))) show_writes(result.words[1]);
  if (SHOW(4, write_via_stream(file, 1ull << 63, &result))) show_writes(result.words[1]);
  show_read(file, 100, 0);
  SHOW(4, read_via_stream(file, 2, &result));
  u32 stream = result.words[1];
  drop_descriptor(file);
  show_reads(stream);
}

// What a descriptor that wasn't opened for it, or a directory, can't do.
static void refused(void) {
  u32 reader = opened("file", 0, READ), writer = opened("file", 0, WRITE);
  show_flags(reader);
  show_flags(writer);
  show_read(writer, 1, 0);
  if (SHOW(4, read_via_stream(writer, 0, &result))) show_reads(result.words[1]);
  SHOW(8, write_at(reader, S("x"), 0, &result));
  SHOW(1, set_size(reader, 0, &result));
  if (SHOW(4, write_via_stream(reader, 0, &result))) show_writes(result.words[1]);
  if (SHOW(4, append_via_stream(reader, &result))) show_writes(result.words[1]);
  for (u32 advice = 0; advice < 6; advice++) SHOW(1, advise(reader, 1, 2, advice, &result));
  SHOW(1, advise(reader, 0, 1ull << 63, 0, &result));
  SHOW(1, advise(reader, ~0ull, 1, 0, &result));
  SHOW(1, sync_all(reader, &result));
  SHOW(1, sync_data(reader, &result));
  SHOW(4, read_directory(reader, &result));
  SHOW(1, create_directory_at(reader, S("name"), &result));
  SHOW(8, stat_at(reader, 0, S("name"), &result));
  SHOW(4, open_at(reader, 0, S("name"), 0, READ, &result));
  show_read(root, 1, 0);
  SHOW(4, read_via_stream(root, 0, &result));
  SHOW(4, write_via_stream(root, 0, &result));
  SHOW(4, append_via_stream(root, &result));
  SHOW(8, write_at(root, S("x"), 0, &result));
  SHOW(1, set_size(root, 0, &result));
  SHOW(1, advise(root, 0, 0, 0, &result));
  SHOW(1, sync_all(root, &result));
  SHOW(1, sync_data(root, &result));
  if (SHOW(8, stat_of(root, &result))) show_stat();
  drop_descriptor(reader);
  drop_descriptor(writer);
}

static void opening(void) {
  for (u32 flags = 0; flags < 16; flags++) {
    for (u32 access = 0; access < 4; access++) {
      u32 file = opened("new", flags, access), directory = opened(".", flags, access | MUTATE);
      if (file) show_flags(file), drop_descriptor(file);
      if (directory) show_flags(directory), drop_descriptor(directory);
      SHOW(1, unlink_file_at(root, S("new"), &result));
    }
  }
  for (u32 sync = FILE_SYNC; sync <= REQUESTED_SYNC; sync *= 2) opened("file", 0, READ | sync);
}

static void times(void) {
  u32 file = opened("file", 0, READ | WRITE);
  enum { KEEP, NOW, AT };
  SHOW(1, set_times(file, AT, 100, 500, AT, 200, 600, &result));
  show_times(file);
  SHOW(1, set_times(file, KEEP, 1, 1, AT, 300, 2000000100, &result));
  show_times(file);
  SHOW(1, set_times(file, AT, ~0ull, 0, KEEP, 0, 0, &result));
  SHOW(1, set_times(file, NOW, 0, 0, NOW, 0, 0, &result));
  stat_of(file, &result);
  printf("  now: %d\n", result.longs[5] > 1600000000 && result.longs[8] > 1600000000);
  SHOW(1, set_times_at(root, 0, S("file"), AT, 7, 700, AT, 8, 800, &result));
  show_times(file);
  SHOW(1, set_times_at(root, FOLLOW, S("missing"), AT, 7, 700, AT, 8, 800, &result));
  drop_descriptor(file);
}

static void identities(void) {
  u64 hash[2];
  SHOW(1, create_directory_at(root, S("dir"), &result));
  u32 one = opened("dir", DIRECTORY, READ), other = opened("dir", 0, READ | MUTATE), file = opened("file", 0, READ);
  show_flags(one);
  show_flags(other);
  printf("same: %u %u %u\n", is_same_object(one, other), is_same_object(one, root), is_same_object(file, file));
  metadata_hash(one, &result);
  memcpy(hash, &result.longs[1], sizeof hash);
  metadata_hash(other, &result);
  printf("of the same: %d\n", memcmp(hash, &result.longs[1], sizeof hash));
  metadata_hash_at(root, 0, S("dir"), &result);
  printf("by name: %d\n", memcmp(hash, &result.longs[1], sizeof hash));
  metadata_hash(file, &result);
  printf("of another: %d %d\n", hash[0] == result.longs[1], hash[1] == result.longs[2]);
  SHOW(8, metadata_hash_at(root, 0, S("missing"), &result));
  drop_descriptor(one);
  drop_descriptor(other);
  drop_descriptor(file);
}

static void names(void) {
  static char long_name[5000];
  memset(long_name, 'a', sizeof long_name);
  u32 dir = opened("dir", 0, READ);
  SHOW(1, rename_at(root, S("file"), dir, S("moved"), &result));
  SHOW(1, link_at(dir, 0, S("moved"), root, S("linked"), &result));
  SHOW(1, link_at(dir, FOLLOW, S("moved"), root, S("followed"), &result));
  SHOW(1, link_at(dir, 0, S("../linked"), root, S("escaped"), &result));
  SHOW(1, rename_at(root, S("dir"), dir, S("inside"), &result));
  SHOW(1, rename_at(root, S("dir"), root, S("linked"), &result));
  SHOW(1, rename_at(root, S("linked"), root, S("dir"), &result));
  SHOW(1, rename_at(root, S("../linked"), root, S("out"), &result));
  SHOW(8, stat_at(dir, 0, S("../linked"), &result));
  SHOW(8, stat_at(root, 0, S("/linked"), &result));
  SHOW(8, stat_at(root, 0, S(""), &result));
  SHOW(8, stat_at(root, 0, "linked\0", 7, &result));
  SHOW(8, stat_at(root, 0, long_name, 300, &result));
  SHOW(8, stat_at(root, 0, long_name, sizeof long_name, &result));
  SHOW(8, stat_at(root, 0, S("linked/x"), &result));
  if (SHOW(8, stat_at(root, 0, S("dir/../linked"), &result))) show_stat();
  SHOW(4, readlink_at(root, S("linked"), &result));
  show_entries(root);
  show_entries(dir);
  SHOW(1, unlink_file_at(root, S("dir"), &result));
  SHOW(1, remove_directory_at(root, S("linked"), &result));
  SHOW(1, remove_directory_at(root, S("dir"), &result));
  SHOW(1, unlink_file_at(dir, S("moved"), &result));
  SHOW(1, remove_directory_at(root, S("dir"), &result));
  show_entries(dir);
  drop_descriptor(dir);
  SHOW(1, unlink_file_at(root, S("linked"), &result));
  SHOW(1, unlink_file_at(root, S("linked"), &result));
}

int main(void) {
  get_directories(&result);
  u32 *entries = (u32 *)(uintptr_t)result.words[0];
  printf("%u: %.*s\n", result.words[1], (int)entries[2], (char *)(uintptr_t)entries[1]);
  root = entries[0];
  show_flags(root);
  get_directories(&result);
  u32 again = *(u32 *)(uintptr_t)result.words[0];
  printf("same: %u\n", is_same_object(root, again));
  drop_descriptor(again);
  contents();
  refused();
  opening();
  times();
  identities();
  names();
}
