/* Loads an executable for macOS as the dynamic linker does, and calls its entry. See README.md. */

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "macos.h"

#ifdef __aarch64__
enum { CPU_TYPE = 0x0100000c };
#else
enum { CPU_TYPE = 0x01000007 };
#endif

enum {
    MAGIC = 0xfeedfacf,
    EXECUTE = 2,
    /* DYLDLINK, TWOLEVEL, PIE. */
    FLAGS = 0x200084,
    SEGMENT = 0x19,
    LOAD_DYLIB = 0xc,
    MAIN = 0x80000028u,
    CHAINED_FIXUPS = 0x80000034u,
    READ_ONLY_AFTER_FIXUPS = 0x10,
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

struct fixups {
    uint32_t version, starts, imports, symbols, import_count, import_format, symbol_format;
};

struct segment_starts {
    uint32_t size;
    uint16_t page_size, pointer_format;
    uint64_t segment_offset;
    uint32_t most;
    uint16_t page_count, pages[];
} __attribute__((packed));

static const uint8_t *file;
static size_t file_bytes;
static uint8_t *base;

_Noreturn void broken(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "macho: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    _exit(99);
}

void *find(const struct function *functions, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].address;
    return NULL;
}

static void *import(const char *name) {
    void *address = mac_file_function(name);
    if (!address)
        address = mac_system_function(name);
    if (!address)
        address = mac_socket_function(name);
    if (!address)
        address = mac_signal_function(name);
    if (!address)
        address = mac_thread_function(name);
    if (!address)
        broken("no function for the import %s", name);
    return address;
}

static void open_file(const char *path) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        broken("%s can't be opened", path);
    file_bytes = status.st_size;
    file = mmap(NULL, file_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file == MAP_FAILED || file_bytes < sizeof(struct header))
        broken("%s can't be read", path);
    close(fd);
}

/* The load command with this number, after another one; NULL if there is none. */
static const uint8_t *command(uint32_t number, const uint8_t *after) {
    const struct header *header = (const void *)file;
    const uint8_t *next = file + sizeof *header;
    for (uint32_t i = 0; i < header->commands; i++) {
        const uint32_t *words = (const void *)next;
        if (next + 8 > file + sizeof *header + header->commands_bytes || words[1] < 8 || words[1] % 8)
            broken("load command %u is damaged", i);
        if (words[0] == number && next > after)
            return next;
        next += words[1];
    }
    return NULL;
}

static const struct segment *next_segment(const struct segment *segment) {
    return (const void *)command(SEGMENT, (const void *)segment);
}

/* Maps the segments, all writable, as far as they are now. */
static void map_segments(void) {
    uint64_t start = UINT64_MAX, end = 0, text = 0;
    for (const struct segment *s = NULL; (s = next_segment(s));) {
        if ((s->protection & 6) == 6 || (s->most & 6) == 6)
            broken("%.16s is writable and executable", s->name);
        if (s->address % M_PAGE || s->size % M_PAGE || (s->file_size && s->file_offset % M_PAGE))
            broken("%.16s isn't aligned", s->name);
        if (s->file_size > s->size || s->file_offset + s->file_size > file_bytes)
            broken("%.16s is larger in the file", s->name);
        if (!s->most) {
            if (s->address != 0 || s->size < 1ul << 32)
                broken("%.16s isn't the lowest 4 GiB", s->name);
            continue;
        }
        if (s->address < end)
            broken("%.16s overlaps another segment", s->name);
        if (s->address < start)
            start = s->address;
        if (s->file_offset == 0 && s->file_size)
            text = s->address;
        end = s->address + s->size;
    }
    if (text != start)
        broken("the first segment hasn't the header");
    base = mmap(NULL, end - start + M_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        broken("no room for the image");
    base += -(uintptr_t)base & (M_PAGE - 1);
    for (const struct segment *s = NULL; (s = next_segment(s));) {
        if (!s->most || !s->size)
            continue;
        uint8_t *to = base + (s->address - start);
        if (mprotect(to, s->size, PROT_READ | PROT_WRITE) != 0)
            broken("no memory for %.16s", s->name);
        memcpy(to, file + s->file_offset, s->file_size);
    }
}

/* Gives the segments the protection that they have while the program runs. */
static void protect_segments(void) {
    uint64_t text = 0;
    for (const struct segment *s = NULL; (s = next_segment(s));) {
        if (!s->most || !s->size)
            continue;
        if (s->file_offset == 0)
            text = s->address;
        int protection = s->flags & READ_ONLY_AFTER_FIXUPS ? 1 : s->protection;
        /* The numbers of reading, writing and executing are the same. */
        if (mprotect(base + (s->address - text), s->size, protection) != 0)
            broken("%.16s can't be protected", s->name);
        __builtin___clear_cache((char *)base + (s->address - text), (char *)base + (s->address - text) + s->size);
    }
}

/* The word that a fixup of DYLD_CHAINED_PTR_64 or DYLD_CHAINED_PTR_64_OFFSET stands for. */
static uint64_t fixed_up(uint64_t word, int format, const struct fixups *fixups) {
    const uint8_t *start = (const void *)fixups;
    if (word >> 63) {
        uint32_t ordinal = word & 0xffffff, addend = word >> 24 & 0xff;
        if (ordinal >= fixups->import_count)
            broken("an import has the number %u", ordinal);
        uint32_t entry = ((const uint32_t *)(start + fixups->imports))[ordinal];
        if ((entry & 0xff) != 1)
            broken("an import is of library %u", entry & 0xff);
        return (uint64_t)import((const char *)start + fixups->symbols + (entry >> 9)) + addend;
    }
    uint64_t target = word & 0xfffffffff, high = word >> 36 & 0xff;
    if (format == 2)
        target -= 1ul << 32;
    return ((uint64_t)base + target) | high << 56;
}

static void apply_fixups(void) {
    const uint32_t *words = (const void *)command(CHAINED_FIXUPS, NULL);
    if (!words)
        broken("there are no chained fixups");
    const struct fixups *fixups = (const void *)(file + words[2]);
    if (fixups->version != 0 || fixups->import_format != 1 || fixups->symbol_format != 0)
        broken("the fixups have another format");
    const uint8_t *starts = (const uint8_t *)fixups + fixups->starts;
    const uint32_t *offsets = (const void *)starts;
    for (uint32_t i = 1; i <= offsets[0]; i++) {
        if (!offsets[i])
            continue;
        const struct segment_starts *segment = (const void *)(starts + offsets[i]);
        if (segment->pointer_format != 2 && segment->pointer_format != 6)
            broken("pointers have the format %u", segment->pointer_format);
        for (uint32_t page = 0; page < segment->page_count; page++) {
            if (segment->pages[page] == 0xffff)
                continue;
            uint8_t *at = base + segment->segment_offset + page * segment->page_size + segment->pages[page];
            for (uint64_t next = 1; next;) {
                uint64_t word = *(uint64_t *)at;
                next = word >> 51 & 0xfff;
                *(uint64_t *)at = fixed_up(word, segment->pointer_format, fixups);
                at += 4 * next;
            }
        }
    }
}

int main(int argc, char **argv, char **envp) {
    if (argc < 2)
        broken("usage: loader PROGRAM ARGUMENTS...");
    open_file(argv[1]);
    const struct header *header = (const void *)file;
    if (header->magic != MAGIC || header->cpu != CPU_TYPE || header->type != EXECUTE)
        broken("%s isn't an executable for macOS and this instruction set", argv[1]);
    if ((header->flags & FLAGS) != FLAGS)
        broken("the flags of the header are %x", header->flags);
    const uint32_t *library = (const void *)command(LOAD_DYLIB, NULL);
    if (!library || strcmp((const char *)library + library[2], "/usr/lib/libSystem.B.dylib") != 0
        || command(LOAD_DYLIB, (const void *)library))
        broken("libSystem isn't the only library");
    map_segments();
    apply_fixups();
    protect_segments();
    const uint64_t *entry = (const void *)command(MAIN, NULL);
    if (!entry)
        broken("there is no entry");
    int (*start)(int, char **, char **, char **) = (void *)(base + entry[1]);
    char *apple[] = {argv[1], NULL};
    return start(argc - 1, argv + 1, envp, apple);
}
