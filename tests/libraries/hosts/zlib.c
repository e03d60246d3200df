// Packs standard input by zlib as WebAssembly and by zlib of the same source in this program: the bytes are the same.
#include "host.h"
#include "zlib_wasm.h"

// modules/zlib.c, compiled for this program.
size_t bound(size_t length);
int pack(const void *from, size_t length, void *to, size_t room, int level);
int unpack(const void *from, size_t length, void *to, size_t room);

int main(void) {
    size_t length;
    unsigned char *input = read_input(&length);
    size_t room = bound(length);
    unsigned char *packed = (unsigned char *)malloc(room);

    EXPECT(zlib_wasm_instantiate(NULL) == zlib_wasm_ok);
    int32_t from, to, back;
    EXPECT(zlib_wasm_allocate((int32_t)length, &from) == zlib_wasm_ok);
    EXPECT(zlib_wasm_allocate((int32_t)room, &to) == zlib_wasm_ok);
    EXPECT(zlib_wasm_allocate((int32_t)length, &back) == zlib_wasm_ok);
    EXPECT(from != 0 && to != 0 && back != 0);
    memcpy(zlib_wasm_memory_pointer((uint32_t)from, length), input, length);

    for (int level = 0; level <= 9; level++) {
        int expected = pack(input, length, packed, room, level);
        int32_t count;
        EXPECT(zlib_wasm_pack(from, (int32_t)length, to, (int32_t)room, level, &count) == zlib_wasm_ok);
        EXPECT(count > 0 && count == expected);
        const void *bytes = zlib_wasm_memory_pointer((uint32_t)to, (uint32_t)count);
        EXPECT(bytes != NULL && memcmp(bytes, packed, (size_t)count) == 0);
        EXPECT(zlib_wasm_unpack(to, count, back, (int32_t)length, &count) == zlib_wasm_ok);
        EXPECT((size_t)count == length);
        EXPECT(memcmp(zlib_wasm_memory_pointer((uint32_t)back, length), input, length) == 0);
        say("level ");
        say_number(level);
        say(": ");
        say_number(expected);
        say_line(" bytes");
    }

    // A damaged stream is zlib's error, and not a trap; so is one that is cut off.
    int32_t damaged, cut;
    int count = pack(input, length, packed, room, 6);
    packed[count / 2] ^= 0x55;
    memcpy(zlib_wasm_memory_pointer((uint32_t)to, (uint32_t)count), packed, (size_t)count);
    EXPECT(zlib_wasm_unpack(to, count, back, (int32_t)length, &damaged) == zlib_wasm_ok);
    EXPECT(damaged < 0 && damaged == unpack(packed, (size_t)count, input, length));
    EXPECT(zlib_wasm_unpack(to, 3, back, (int32_t)length, &cut) == zlib_wasm_ok);
    EXPECT(cut < 0 && cut == unpack(packed, 3, input, length));

    // Outside of the memory: a trap, and a new instance.
    EXPECT(zlib_wasm_memory_pointer(zlib_wasm_memory_size(), 1) == NULL);
    EXPECT(zlib_wasm_unpack(to, INT32_MAX, back, -1, &cut) == zlib_wasm_ok
           || zlib_wasm_reset() == zlib_wasm_ok);
    EXPECT(zlib_wasm_pack(-1, 100, to, 1000, 6, &cut) == zlib_wasm_trap_out_of_bounds_memory_access);
    EXPECT(zlib_wasm_pack(from, 1, to, (int32_t)room, 6, &cut) == zlib_wasm_unusable);
    EXPECT(zlib_wasm_reset() == zlib_wasm_ok);
    EXPECT(zlib_wasm_allocate(100, &from) == zlib_wasm_ok && from != 0);
    zlib_wasm_delete();
    EXPECT(zlib_wasm_allocate(100, &from) == zlib_wasm_not_instantiated);
    say_line("as the same zlib in C");
    return 0;
}
