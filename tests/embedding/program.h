// What the compiler tells the runtime of a library (runtime-support/abi/src/{layout,policy,library}.rs), in C; and the functions
// of the runtime. For `program.c`, which stands for what the compiler would make, and for `host.c`.
#include <stddef.h>
#include <stdint.h>

typedef struct Instance {
    _Alignas(64) uint64_t owner;
    uint32_t inside[4], status, life;
    uint64_t stack_limit, catcher, stack_bytes;
    uint64_t lock, holder, threads[4];
    uint32_t changes, is_shared;
    int32_t last_error, exit_code;
    uint64_t backtrace;
    uint32_t backtrace_length, backtrace_capacity;
    uint64_t private_, import_call;
} Instance;

typedef struct {
    uint64_t frame, code, outer;
} ImportCall;

typedef struct {
    uint8_t *base;
    uint64_t size, maximum, fixed_base, reservation, smallest_reservation, guard, page_size;
    const void *image;
    uint64_t image_count;
} Memory;

typedef struct {
    uint64_t *elements;
    uint64_t size, maximum, capacity;
} Table;

typedef struct {
    const uint8_t *bytes;
    uint64_t offset, length, moved;
} Chunk;

typedef void (*Body)(uint64_t *values, Instance *instance);

typedef struct {
    const uint8_t *text_start, *text_end;
    struct { const uint32_t *offsets; const uint8_t *codes; uint64_t count; const uint8_t *messages; } traps;
    struct { const void *sites, *clauses; uint64_t site_count; const void *saved, *roots; uint64_t root_count; } exceptions;
    struct { const uint32_t *starts, *name_offsets; const uint8_t *names; uint64_t count; } functions;
    Memory *const *memories;
    uint64_t memory_count;
    Memory *host_memory;
    Body main;
    const void *policy;
    void (*report)(size_t pc, size_t frame, size_t address, Instance *instance);
    const void *cpu;
} Program;

typedef struct {
    uint64_t version, flags;
    const void *dirs;
    uint64_t dir_count;
    const void *env;
    uint64_t env_count;
    struct { const uint8_t *data; uint64_t length; } arg0;
    uint64_t stack_size;
    const void *limits;
    void (*open_grants)(void), (*read_user_dirs)(void), (*open_native)(void);
    const void *listeners;
    uint64_t listener_count;
} Policy;

typedef struct { uint64_t descriptor, elements; } TablePlace;

typedef struct {
    Body instantiate;
    Instance *state;
    uint64_t state_bytes;
    const void *template_;
    uint64_t template_bytes;
    const uint64_t *memories;
    uint64_t memory_count, host_memory;
    const TablePlace *tables;
    uint64_t table_count, stack_bytes;
    int (*wasi)(Instance *, const void *);
} Library;

typedef struct { const char *host, *guest; uint32_t flags; } Directory;

typedef struct {
    size_t size;
    const char *const *arguments;
    size_t argument_count;
    const char *const *environment;
    size_t environment_count;
    const Directory *directories;
    size_t directory_count;
    const intptr_t *streams;
    ptrdiff_t (*read)(void *, void *, size_t);
    ptrdiff_t (*write)(void *, int, const void *, size_t);
    void *context;
} Options;

int wasm_aot_enter(Instance *, Body, uint64_t *);
int wasm_aot_library_instantiate(Instance *, const Options *);
int wasm_aot_library_new(const Options *, Instance **);
int wasm_aot_library_reset(Instance *);
void wasm_aot_library_delete(Instance *);
const char *wasm_aot_library_message(int);
size_t wasm_aot_library_backtrace(Instance *, char *, size_t);
int wasm_aot_library_exit_code(Instance *);
int wasm_aot_library_handle_signal(int, void *, void *);
_Noreturn void wasm_aot_library_trap(Instance *);
int wasm_aot_library_wasi(Instance *, const void *);
uint64_t wasm_aot_memory_grow(Memory *, uint64_t);
uint64_t wasm_aot_table_grow(Table *, uint64_t, uint64_t);
void wasm_aot_open_grants(void);

enum { OK = 0, UNREACHABLE = 1, OUT_OF_BOUNDS = 2, EXHAUSTED = 10, NOT_INSTANTIATED = 256, ALREADY = 257, BUSY = 258,
       UNUSABLE = 259, NO_MEMORY = 260, EXITED = 262, INVALID = 263, TRAP_HOST = 264 };

// The state of an instance of `program.c`.
typedef struct {
    Instance instance;
    Memory memory;
    Table table;
    uint64_t counter, elements[4];
} State;

// Its bodies: `values` are what each says.
void body_empty(uint64_t *, Instance *);
void body_empty_result(uint64_t *result);    // not a body, but a function of the interface
void body_unreachable(uint64_t *, Instance *);
void body_load(uint64_t *, Instance *);     // address; the byte there
void body_recurse(uint64_t *, Instance *);
void body_import(uint64_t *, Instance *);   // function, argument, result: calls it as an import
void body_call(uint64_t *, Instance *);     // function and four arguments; result: calls it as one of the runtime
