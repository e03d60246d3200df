// A plug-in of qemu's user-mode emulators that counts how often each block of a program is executed: see README.md.
//
//   qemu-x86_64 -plugin blocks.so,out=FILE[,text=off] PROGRAM ARGUMENT...
//
// FILE begins with the line `total N`, the number of executed instructions. With texts it goes on with the blocks:
//   block ADDRESS EXECUTIONS INSTRUCTIONS
//   ADDRESS TAB SYMBOL TAB TEXT         for each of its instructions
// Counts are exact for programs of one thread whose instructions don't fault. An instruction of x86 with a `rep` prefix is
// counted once, as processors count it; qemu executes each of its repetitions as a block of its own.
//
// Debian's packages have no header of the interface, so what is used of its version 1 (qemu 6.0 to 8.2) is declared here.
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum operation { ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum operation, void *, uint64_t);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);

EXPORT int qemu_plugin_version = 1;

struct instruction {
    uint64_t address;
    const char *symbol;
    char *text;
};

struct block {
    struct block *next;
    uint64_t executions;
    // Whether it is a repetition of an instruction that another block has counted.
    bool repeats;
    size_t length;
    struct instruction instructions[];
};

#define BUCKETS 65536
static struct block *blocks[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *out;
static bool texts = true, is_x86;

static bool is_repeated(const struct qemu_plugin_insn *instruction) {
    // Prefixes come in any order; after `rep`, these are the string instructions.
    const uint8_t *code = qemu_plugin_insn_data(instruction);
    bool repeats = false;
    for (;; code++) {
        if (*code == 0xf2 || *code == 0xf3) repeats = true;
        else if (*code != 0x66 && *code != 0x67 && (*code & 0xf0) != 0x40) break;
    }
    return repeats && ((*code >= 0xa4 && *code <= 0xa7) || (*code >= 0xaa && *code <= 0xaf));
}

static struct block *make(const struct qemu_plugin_tb *translated, size_t length) {
    struct block *block = calloc(1, sizeof *block + length * sizeof *block->instructions);
    if (!block) abort();
    block->length = length;
    block->repeats = is_x86 && length == 1 && is_repeated(qemu_plugin_tb_get_insn(translated, 0));
    for (size_t i = 0; i < length; i++) {
        const struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(translated, i);
        block->instructions[i].address = qemu_plugin_insn_vaddr(instruction);
        if (!texts) continue;
        block->instructions[i].symbol = qemu_plugin_insn_symbol(instruction);
        block->instructions[i].text = qemu_plugin_insn_disas(instruction);
    }
    return block;
}

// A block is translated again when the cache of translations was full: its count goes on.
static void translated(plugin_id id, struct qemu_plugin_tb *translated) {
    size_t length = qemu_plugin_tb_n_insns(translated);
    uint64_t address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(translated, 0));
    pthread_mutex_lock(&lock);
    struct block **place = &blocks[(address ^ address >> 16) % BUCKETS];
    while (*place && ((*place)->instructions[0].address != address || (*place)->length != length)) {
        place = &(*place)->next;
    }
    if (!*place) *place = make(translated, length);
    qemu_plugin_register_vcpu_tb_exec_inline(translated, ADD_U64, &(*place)->executions, 1);
    pthread_mutex_unlock(&lock);
}

static void write_block(FILE *file, const struct block *block) {
    uint64_t address = block->instructions[0].address;
    fprintf(file, "block %" PRIx64 " %" PRIu64 " %zu\n", address, block->executions, block->length);
    for (size_t i = 0; i < block->length; i++) {
        const struct instruction *instruction = &block->instructions[i];
        fprintf(file, "%" PRIx64 "\t%s\t%s\n", instruction->address, instruction->symbol ? instruction->symbol : "",
                instruction->text ? instruction->text : "");
    }
}

static void finish(plugin_id id, void *data) {
    FILE *file = fopen(out, "w");
    if (!file) {
        perror(out);
        return;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct block *block = blocks[i]; block; block = block->next) {
            if (!block->repeats) total += block->executions * block->length;
        }
    }
    fprintf(file, "total %" PRIu64 "\n", total);
    for (size_t i = 0; texts && i < BUCKETS; i++) {
        for (const struct block *block = blocks[i]; block; block = block->next) {
            if (!block->repeats && block->executions) write_block(file, block);
        }
    }
    if (fclose(file)) perror(out);
}

// The first member of qemu's description is the name of the emulated architecture.
EXPORT int qemu_plugin_install(plugin_id id, const char *const *description, int argc, char **argv) {
    is_x86 = !strcmp(description[0], "x86_64");
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "out=", 4)) out = strdup(argv[i] + 4);
        else if (!strcmp(argv[i], "text=off")) texts = false;
        else return -1;
    }
    if (!out) return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
