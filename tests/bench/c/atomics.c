// Atomic instructions of every width, in one thread: what their checks and their code cost.
#include "freestanding.h"

static struct { uint8_t byte; uint16_t half; uint32_t word; uint64_t wide; uint32_t lock, count[256]; } s;

static uint64_t add(int rounds) {
    uint64_t sum = 0;
    for (int i = 0; i < rounds; i++) {
        sum += __atomic_fetch_add(&s.word, i, __ATOMIC_SEQ_CST);
        sum ^= __atomic_fetch_add(&s.wide, sum, __ATOMIC_SEQ_CST);
        sum += __atomic_fetch_sub(&s.half, 3, __ATOMIC_SEQ_CST);
        sum += __atomic_exchange_n(&s.byte, (uint8_t)i, __ATOMIC_SEQ_CST);
    }
    return sum;
}

static uint64_t bits(int rounds) {
    uint64_t sum = 0;
    for (int i = 0; i < rounds; i++) {
        sum += __atomic_fetch_or(&s.word, 1u << (i & 31), __ATOMIC_SEQ_CST);
        sum += __atomic_fetch_and(&s.word, ~(i * 0x9e3779b9u), __ATOMIC_SEQ_CST);
        sum += __atomic_fetch_xor(&s.wide, i, __ATOMIC_SEQ_CST);
    }
    return sum;
}

// A spin lock around a counter.
static uint64_t lock(int rounds) {
    for (int i = 0; i < rounds; i++) {
        uint32_t expected = 0;
        while (!__atomic_compare_exchange_n(&s.lock, &expected, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            expected = 0;
        s.count[i & 255] += i;
        __atomic_store_n(&s.lock, 0, __ATOMIC_SEQ_CST);
    }
    return s.count[17];
}

static uint64_t loads(int rounds) {
    uint64_t sum = 0;
    for (int i = 0; i < rounds; i++) {
        sum += __atomic_load_n(&s.count[i & 255], __ATOMIC_SEQ_CST);
        sum += __atomic_load_n(&s.wide, __ATOMIC_SEQ_CST);
    }
    return sum;
}

ENTRY {
    print("add", add(10000000));
    print("bits", bits(10000000));
    print("lock", lock(20000000));
    print("loads", loads(100000000));
}
