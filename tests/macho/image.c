/* Loads images as the dynamic linker does: maps the segments, applies chained fixups, looks symbols up in tries. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "macos.h"

#ifdef __aarch64__
enum { CPU_TYPE = 0x0100000c };
#else
enum { CPU_TYPE = 0x01000007 };
#endif

enum {
    MAGIC = 0xfeedfacf,
    DYLIB = 6,
    READ_ONLY_AFTER_FIXUPS = 0x10,
    /* Numbers of libraries: the program, and any image. */
    FROM_PROGRAM = 0xff,
    FROM_ANY = 0xfe,
};

static const char SYSTEM[] = "/usr/lib/libSystem.B.dylib";

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

/* In the order in which they were loaded: the executable is the first. */
static struct image *images;

static void *system_symbol(const char *name) {
    static void *(*const functions[])(const char *) = {
        mac_file_function,   mac_system_function, mac_socket_function,
        mac_signal_function, mac_thread_function, mac_image_function,
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *address = functions[i](name);
        if (address)
            return address;
    }
    return NULL;
}

static int open_file(struct image *image) {
    struct stat status;
    int fd = open(image->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (fstat(fd, &status) != 0)
        broken("%s can't be opened", image->path);
    image->file_bytes = status.st_size;
    image->file = mmap(NULL, image->file_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (image->file == MAP_FAILED || image->file_bytes < sizeof(struct header))
        broken("%s can't be read", image->path);
    close(fd);
    return 1;
}

const uint8_t *image_command(const struct image *image, uint32_t number, const uint8_t *after) {
    const struct header *header = (const void *)image->file;
    const uint8_t *next = image->file + sizeof *header;
    for (uint32_t i = 0; i < header->commands; i++) {
        const uint32_t *words = (const void *)next;
        if (next + 8 > image->file + sizeof *header + header->commands_bytes || words[1] < 8 || words[1] % 8)
            broken("load command %u is damaged", i);
        if (words[0] == number && next > after)
            return next;
        next += words[1];
    }
    return NULL;
}

static const struct segment *next_segment(const struct image *image, const struct segment *segment) {
    return (const void *)image_command(image, SEGMENT, (const void *)segment);
}

/* Maps the segments, all writable, as far as they are now. */
static void map_segments(struct image *image) {
    uint64_t start = UINT64_MAX, end = 0, text = UINT64_MAX;
    for (const struct segment *s = NULL; (s = next_segment(image, s));) {
        if ((s->protection & 6) == 6 || (s->most & 6) == 6)
            broken("%.16s is writable and executable", s->name);
        /* LLVM's linker leaves the last one as long as it is. */
        int is_last = !next_segment(image, s);
        if (s->address % M_PAGE || (s->size % M_PAGE && !is_last) || (s->file_size && s->file_offset % M_PAGE))
            broken("%.16s isn't aligned", s->name);
        if (s->file_size > s->size || s->file_offset + s->file_size > image->file_bytes)
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
    image->text = text;
    uint8_t *base = mmap(NULL, end - start + M_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        broken("no room for the image");
    image->base = base + (-(uintptr_t)base & (M_PAGE - 1));
    for (const struct segment *s = NULL; (s = next_segment(image, s));) {
        if (!s->most || !s->size)
            continue;
        uint8_t *to = image->base + (s->address - start);
        if (mprotect(to, s->size, PROT_READ | PROT_WRITE) != 0)
            broken("no memory for %.16s", s->name);
        memcpy(to, image->file + s->file_offset, s->file_size);
    }
}

/* Gives the segments the protection that they have while the program runs. */
static void protect_segments(const struct image *image) {
    for (const struct segment *s = NULL; (s = next_segment(image, s));) {
        if (!s->most || !s->size)
            continue;
        uint8_t *at = image->base + (s->address - image->text);
        int protection = s->flags & READ_ONLY_AFTER_FIXUPS ? 1 : s->protection;
        /* The numbers of reading, writing and executing are the same. */
        if (mprotect(at, s->size, protection) != 0)
            broken("%.16s can't be protected", s->name);
        __builtin___clear_cache((char *)at, (char *)at + s->size);
    }
}

static uint64_t number(const uint8_t **at) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

void *image_symbol(const struct image *image, const char *name) {
    const uint32_t *words = (const void *)image_command(image, EXPORTS_TRIE, NULL);
    if (!words || !words[3])
        return NULL;
    const uint8_t *trie = image->file + words[2], *node = trie;
    for (;;) {
        uint64_t bytes = number(&node);
        const uint8_t *edges = node + bytes;
        if (!*name) {
            if (!bytes)
                return NULL;
            if (number(&node) != 0)
                broken("an export of %s isn't an address", image->path);
            return image->base + number(&node);
        }
        uint8_t count = *edges++;
        for (;; count--) {
            if (!count)
                return NULL;
            size_t length = strlen((const char *)edges);
            int is_next = strncmp(name, (const char *)edges, length) == 0;
            edges += length + 1;
            uint64_t offset = number(&edges);
            if (offset >= words[3])
                broken("the exports of %s are damaged", image->path);
            if (is_next) {
                name += length;
                node = trie + offset;
                break;
            }
        }
    }
}

/* The library of this number that an image needs: a path; NULL if there is none. */
static const char *library(const struct image *image, uint32_t wanted) {
    const uint8_t *at = NULL;
    for (uint32_t i = 0; i < wanted; i++)
        if (!(at = image_command(image, LOAD_DYLIB, at)))
            return NULL;
    return (const char *)at + ((const uint32_t *)at)[2];
}

/* Loads @rpath/NAME from the directory of the program, which is the only place where it is looked for. */
static const struct image *needed(const char *name) {
    char path[4096];
    if (strncmp(name, "@rpath/", 7) != 0)
        broken("the library %s is needed", name);
    const char *last = name + 7;
    const char *slash = strrchr(images->path, '/');
    size_t length = slash ? slash + 1 - images->path : 0;
    if (length + strlen(last) + 1 > sizeof path)
        broken("the path of %s is too long", name);
    memcpy(path, images->path, length);
    strcpy(path + length, last);
    const struct image *image = image_load(path, DYLIB);
    if (!image)
        broken("the library %s isn't found", name);
    const uint32_t *id = (const void *)image_command(image, ID_DYLIB, NULL);
    if (!id || strcmp((const char *)id + id[2], name) != 0)
        broken("%s isn't the library %s", path, name);
    return image;
}

static uint64_t import(const struct image *image, uint32_t number, const char *name) {
    void *address = NULL;
    if (number == FROM_ANY) {
        for (const struct image *other = images; other && !address; other = other->next)
            address = image_symbol(other, name);
    } else if (number == FROM_PROGRAM) {
        address = image_symbol(images, name);
    } else {
        const char *path = library(image, number);
        if (!path)
            broken("an import is of library %u", number);
        address = strcmp(path, SYSTEM) == 0 ? system_symbol(name) : image_symbol(needed(path), name);
    }
    if (!address)
        broken("no function for the import %s", name);
    return (uint64_t)address;
}

/* The word that a fixup of DYLD_CHAINED_PTR_64 or DYLD_CHAINED_PTR_64_OFFSET stands for. */
static uint64_t fixed_up(const struct image *image, uint64_t word, int format, const struct fixups *fixups) {
    const uint8_t *start = (const void *)fixups;
    if (word >> 63) {
        uint32_t ordinal = word & 0xffffff, addend = word >> 24 & 0xff;
        if (ordinal >= fixups->import_count)
            broken("an import has the number %u", ordinal);
        uint32_t entry = ((const uint32_t *)(start + fixups->imports))[ordinal];
        return import(image, entry & 0xff, (const char *)start + fixups->symbols + (entry >> 9)) + addend;
    }
    uint64_t target = word & 0xfffffffff, high = word >> 36 & 0xff;
    if (format == 2)
        target -= image->text;
    return ((uint64_t)image->base + target) | high << 56;
}

static void apply_fixups(const struct image *image) {
    const uint32_t *words = (const void *)image_command(image, CHAINED_FIXUPS, NULL);
    if (!words)
        broken("there are no chained fixups");
    const struct fixups *fixups = (const void *)(image->file + words[2]);
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
            uint8_t *at = image->base + segment->segment_offset + page * segment->page_size + segment->pages[page];
            for (uint64_t next = 1; next;) {
                uint64_t word = *(uint64_t *)at;
                next = word >> 51 & 0xfff;
                *(uint64_t *)at = fixed_up(image, word, segment->pointer_format, fixups);
                at += 4 * next;
            }
        }
    }
}

const struct image *image_load(const char *path, uint32_t type) {
    struct image **last = &images;
    for (; *last; last = &(*last)->next)
        if (strcmp((*last)->path, path) == 0)
            return *last;
    struct image *image = calloc(1, sizeof *image);
    image->path = strdup(path);
    if (!open_file(image))
        return NULL;
    const struct header *header = (const void *)image->file;
    if (header->magic != MAGIC || header->cpu != CPU_TYPE || header->type != type)
        broken("%s isn't for macOS and this instruction set, or of another type", path);
    *last = image;
    map_segments(image);
    /* All libraries are loaded before symbols are looked for. */
    uint32_t count = 0;
    int has_system = 0;
    for (const char *name; (name = library(image, ++count));) {
        if (strcmp(name, SYSTEM) == 0)
            has_system = 1;
        else
            needed(name);
    }
    if (!has_system)
        broken("%s doesn't need libSystem", path);
    apply_fixups(image);
    protect_segments(image);
    return image;
}

static void *m_dlopen(const char *path, int mode) {
    /* RTLD_NOW, perhaps with RTLD_LOCAL. */
    if (mode & ~(2 | 4))
        broken("dlopen with the mode %x", mode);
    return (void *)image_load(path, DYLIB);
}

static void *m_dlsym(void *handle, const char *name) {
    char symbol[256] = "_";
    return image_symbol(handle, strncat(symbol, name, sizeof symbol - 2));
}

static int m_dlclose(void *handle) {
    (void)handle;
    return 0;
}

void *mac_image_function(const char *name) {
    static const struct function functions[] = {
        {"_dlopen", m_dlopen},
        {"_dlsym", m_dlsym},
        {"_dlclose", m_dlclose},
    };
    return find(functions, sizeof functions / sizeof *functions, name);
}
