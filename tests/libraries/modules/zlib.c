// zlib as a library: buffers in the module's memory, packed and unpacked as a whole.
#include <stdlib.h>

#include "zlib.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("allocate") void *allocate(size_t length) { return malloc(length); }

EXPORT("release") void release(void *buffer) { free(buffer); }

EXPORT("bound") size_t bound(size_t length) { return compressBound(length); }

// The length of what was written, or the number of zlib's error, which is negative.
EXPORT("pack") int pack(const void *from, size_t length, void *to, size_t room, int level) {
    uLongf written = room;
    int error = compress2(to, &written, from, length, level);
    return error == Z_OK ? (int)written : error;
}

EXPORT("unpack") int unpack(const void *from, size_t length, void *to, size_t room) {
    uLongf written = room;
    int error = uncompress(to, &written, from, length);
    return error == Z_OK ? (int)written : error;
}
