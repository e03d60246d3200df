// Output for programs without a C library, which is all that there is for wasm64. On a host it takes
// the library that is there.
#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define ENTRY __attribute__((export_name("_start"))) void start(void)
// WASI's pointers have 32 bits, also where memory has more.
struct iovec32 { uint32_t data, length; };
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
uint32_t fd_write(uint32_t descriptor, uint32_t vectors, uint32_t count, uint32_t written);

static void write_bytes(const char *bytes, size_t length) {
    static struct iovec32 vector;
    static uint32_t written;
    vector = (struct iovec32){ (uint32_t)(uintptr_t)bytes, (uint32_t)length };
    fd_write(1, (uint32_t)(uintptr_t)&vector, 1, (uint32_t)(uintptr_t)&written);
}
#else
#include <unistd.h>
#define ENTRY int main(void)
static void write_bytes(const char *bytes, size_t length) { (void)!write(1, bytes, length); }
#endif

// Prints a name and a number in hexadecimal.
static void print(const char *name, uint64_t value) {
    static char line[128];
    size_t length = 0;
    while (name[length]) { line[length] = name[length]; length++; }
    line[length++] = ' ';
    for (int shift = 60; shift >= 0; shift -= 4) line[length++] = "0123456789abcdef"[value >> shift & 15];
    line[length++] = '\n';
    write_bytes(line, length);
}
