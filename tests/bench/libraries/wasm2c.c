// What wasm2c has made C of.
#include <stddef.h>

#include "calls.h"
#include "data.h"
#include "engine.h"
#include "wasm-rt.h"
#include "zlib.h"

static w2c_calls calls_instance;
static w2c_zlib zlib_instance;

struct w2c_host {
    int unused;
};

void w2c_host_nothing(struct w2c_host *host) {
    (void)host;
    __asm__ volatile("");
}

// What an embedder that survives traps does around each call.
static int trapped;
#define CALL(call) \
    do { \
        if ((trapped = wasm_rt_impl_try()) != 0) fail("a trap"); \
        call; \
    } while (0)

#include "wasm-rt-impl.h"

void start(const char *calls, const char *zlib, const char *data) {
    static struct w2c_host host;
    (void)calls, (void)zlib, (void)data;
    wasm_rt_init();
    wasm2c_calls_instantiate(&calls_instance, &host);
    wasm2c_zlib_instantiate(&zlib_instance);
    w2c_zlib_0x5Finitialize(&zlib_instance);
}

void call_empty(void) { CALL(w2c_calls_empty(&calls_instance)); }

void call_imports(int32_t count) { CALL(w2c_calls_imports(&calls_instance, (u32)count)); }

int32_t zlib_allocate(int32_t length) { return (int32_t)w2c_zlib_allocate(&zlib_instance, (u32)length); }

uint8_t *zlib_memory(int32_t address) { return w2c_zlib_memory(&zlib_instance)->data + (uint32_t)address; }

int32_t zlib_pack(int32_t from, int32_t length, int32_t to, int32_t room, int32_t level) {
    return (int32_t)w2c_zlib_pack(&zlib_instance, (u32)from, (u32)length, (u32)to, (u32)room, (u32)level);
}

int32_t zlib_unpack(int32_t from, int32_t length, int32_t to, int32_t room) {
    return (int32_t)w2c_zlib_unpack(&zlib_instance, (u32)from, (u32)length, (u32)to, (u32)room);
}

static int32_t make(void) {
    static w2c_data instance;
    wasm2c_data_instantiate(&instance);
    int32_t byte = (int32_t)w2c_data_byte(&instance, 1000000);
    wasm2c_data_free(&instance);
    return byte;
}

int32_t (*const make_instance)(void) = make;
