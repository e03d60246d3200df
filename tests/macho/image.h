/* Images of the process: the executable and dynamic libraries. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Load commands. */
enum {
    SEGMENT = 0x19,
    LOAD_DYLIB = 0xc,
    ID_DYLIB = 0xd,
    MAIN = 0x80000028u,
    EXPORTS_TRIE = 0x80000033u,
    CHAINED_FIXUPS = 0x80000034u,
};

struct header {
    uint32_t magic, cpu, subtype, type, commands, commands_bytes, flags, reserved;
};

struct segment {
    uint32_t command, bytes;
    char name[16];
    uint64_t address, size, file_offset, file_size;
    uint32_t most, protection, sections, flags;
};

struct image {
    const char *path;
    const uint8_t *file;
    size_t file_bytes;
    /* The address of the header in memory, and in the file. */
    uint8_t *base;
    uint64_t text;
    /* The one that was loaded after it. */
    struct image *next;
};

/* Loads an image of this type and the libraries that it needs; one that is loaded is found again. NULL if there is no
 * such file. */
const struct image *image_load(const char *path, uint32_t type);
/* The load command with this number, after another one; NULL if there is none. */
const uint8_t *image_command(const struct image *image, uint32_t number, const uint8_t *after);
/* The address of an exported symbol; NULL if there is none. */
void *image_symbol(const struct image *image, const char *name);
