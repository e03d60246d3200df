// wasmtime by its C interface, by the cheapest functions for calls that there are, with its pooling allocator.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmtime.h>

#include "engine.h"

static wasm_engine_t *engine;
static wasmtime_linker_t *linker;
static wasmtime_context_t *context;
static wasmtime_instance_pre_t *data_pre;
static wasmtime_func_t empty, imports, allocate_function, pack_function, unpack_function;
static wasmtime_memory_t memory;

static void check(wasmtime_error_t *error, wasm_trap_t *trap) {
    wasm_byte_vec_t message;
    if (error == NULL && trap == NULL) return;
    if (error != NULL) wasmtime_error_message(error, &message);
    else wasm_trap_message(trap, &message);
    fprintf(stderr, "%.*s\n", (int)message.size, message.data);
    fail("wasmtime");
}

static wasm_trap_t *nothing(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *values, size_t count) {
    (void)env, (void)caller, (void)values, (void)count;
    __asm__ volatile("");
    return NULL;
}

static wasmtime_module_t *module(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail("can't read a module");
    static uint8_t bytes[8 << 20];
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    wasmtime_module_t *module;
    check(wasmtime_module_new(engine, bytes, length, &module), NULL);
    return module;
}

static wasmtime_extern_t export_of(wasmtime_context_t *store, wasmtime_instance_t *instance, const char *name) {
    wasmtime_extern_t item;
    if (!wasmtime_instance_export_get(store, instance, name, strlen(name), &item)) fail(name);
    return item;
}

static wasmtime_func_t function(wasmtime_instance_t *instance, const char *name) {
    return export_of(context, instance, name).of.func;
}

static void call(const wasmtime_func_t *function, wasmtime_val_raw_t *values, size_t count) {
    wasm_trap_t *trap = NULL;
    check(wasmtime_func_call_unchecked(context, function, values, count, &trap), trap);
}

static void instantiate(const char *path, wasmtime_instance_t *instance) {
    wasm_trap_t *trap = NULL;
    check(wasmtime_linker_instantiate(linker, context, module(path), instance, &trap), trap);
}

void start(const char *calls, const char *zlib, const char *data) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_pooling_allocation_config_t *pool = wasmtime_pooling_allocation_config_new();
    wasmtime_pooling_allocation_strategy_set(config, pool);
    wasmtime_pooling_allocation_config_delete(pool);
    engine = wasm_engine_new_with_config(config);
    context = wasmtime_store_context(wasmtime_store_new(engine, NULL, NULL));
    linker = wasmtime_linker_new(engine);
    wasm_functype_t *type = wasm_functype_new_0_0();
    check(wasmtime_linker_define_func_unchecked(linker, "host", 4, "nothing", 7, type, nothing, NULL, NULL), NULL);
    wasmtime_instance_t instance;
    instantiate(calls, &instance);
    empty = function(&instance, "empty");
    imports = function(&instance, "imports");
    instantiate(zlib, &instance);
    wasmtime_func_t initialize = function(&instance, "_initialize");
    call(&initialize, NULL, 0);
    allocate_function = function(&instance, "allocate");
    pack_function = function(&instance, "pack");
    unpack_function = function(&instance, "unpack");
    memory = export_of(context, &instance, "memory").of.memory;
    check(wasmtime_linker_instantiate_pre(linker, module(data), &data_pre), NULL);
}

void call_empty(void) {
    wasmtime_val_raw_t value;
    call(&empty, &value, 0);
}

void call_imports(int32_t count) {
    wasmtime_val_raw_t value = {.i32 = count};
    call(&imports, &value, 1);
}

int32_t zlib_allocate(int32_t length) {
    wasmtime_val_raw_t value = {.i32 = length};
    call(&allocate_function, &value, 1);
    return value.i32;
}

uint8_t *zlib_memory(int32_t address) { return wasmtime_memory_data(context, &memory) + (uint32_t)address; }

int32_t zlib_pack(int32_t from, int32_t length, int32_t to, int32_t room, int32_t level) {
    wasmtime_val_raw_t values[] = {{.i32 = from}, {.i32 = length}, {.i32 = to}, {.i32 = room}, {.i32 = level}};
    call(&pack_function, values, 5);
    return values[0].i32;
}

int32_t zlib_unpack(int32_t from, int32_t length, int32_t to, int32_t room) {
    wasmtime_val_raw_t values[] = {{.i32 = from}, {.i32 = length}, {.i32 = to}, {.i32 = room}};
    call(&unpack_function, values, 4);
    return values[0].i32;
}

static int32_t make(void) {
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *of_store = wasmtime_store_context(store);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    check(wasmtime_instance_pre_instantiate(data_pre, of_store, &instance, &trap), trap);
    wasmtime_func_t byte = export_of(of_store, &instance, "byte").of.func;
    wasmtime_val_raw_t value = {.i32 = 1000000};
    check(wasmtime_func_call_unchecked(of_store, &byte, &value, 1, &trap), trap);
    wasmtime_store_delete(store);
    return value.i32;
}

int32_t (*const make_instance)(void) = make;
