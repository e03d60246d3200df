// Static libraries that wasm-aot has made: of one instance, and of many for the last module.
#include <stddef.h>

#include "calls.h"
#include "data.h"
#include "engine.h"
#include "zlib_wasm.h"

void calls_import_host_nothing(void) { __asm__ volatile(""); }

static void check(int32_t error) {
    if (error != 0) fail(calls_error_message(error));
}

void start(const char *calls, const char *zlib, const char *data) {
    (void)calls, (void)zlib, (void)data;
    check(calls_instantiate(NULL));
    check(zlib_wasm_instantiate(NULL));
}

void call_empty(void) { check(calls_empty()); }

void call_imports(int32_t count) { check(calls_imports(count)); }

int32_t zlib_allocate(int32_t length) {
    int32_t address;
    check(zlib_wasm_allocate(length, &address));
    return address;
}

uint8_t *zlib_memory(int32_t address) { return zlib_wasm_memory_base() + (uint32_t)address; }

int32_t zlib_pack(int32_t from, int32_t length, int32_t to, int32_t room, int32_t level) {
    int32_t result;
    check(zlib_wasm_pack(from, length, to, room, level, &result));
    return result;
}

int32_t zlib_unpack(int32_t from, int32_t length, int32_t to, int32_t room) {
    int32_t result;
    check(zlib_wasm_unpack(from, length, to, room, &result));
    return result;
}

static int32_t make(void) {
    data_instance *instance;
    int32_t byte;
    check(data_new(NULL, &instance));
    check(data_byte(instance, 1000000, &byte));
    data_delete(instance);
    return byte;
}

int32_t (*const make_instance)(void) = make;
