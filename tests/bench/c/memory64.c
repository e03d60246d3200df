// A 64-bit memory: what a bounds check before each access costs. An array of structures, a list, a hash
// table, a sieve.
#include "freestanding.h"

#define NODES (1 << 20)
struct node { struct node *next; uint64_t key; uint32_t a, b; };
static struct node nodes[NODES];
static uint64_t table[1 << 16];
static uint8_t composite[4000000];

static uint64_t seed = 88172645463325252ULL;
static uint64_t random64(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static uint64_t structures(int rounds) {
    uint64_t sum = 0;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < NODES; i++) {
            struct node *n = &nodes[i];
            n->a += n->b ^ (uint32_t)n->key;
            n->b = n->a >> 3;
            sum += n->a;
        }
    return sum;
}

static uint64_t list(int rounds) {
    uint64_t sum = 0;
    for (int r = 0; r < rounds; r++)
        for (struct node *n = &nodes[NODES - 1]; n; n = n->next) sum = sum * 3 + n->key + n->a;
    return sum;
}

static uint64_t hash(int rounds) {
    uint64_t found = 0;
    for (int r = 0; r < rounds; r++) {
        uint64_t key = random64() | 1, at = key * 0x9e3779b97f4a7c15ULL >> 48;
        for (int probe = 0; probe < 4; probe++, at = (at + 1) & 0xffff) {
            if (table[at] == key) { found++; break; }
            if (!table[at]) { table[at] = key; break; }
        }
        found += table[(at * 7) & 0xffff] & 1;
    }
    return found;
}

static uint64_t sieve(int rounds) {
    uint64_t primes = 0;
    for (int r = 0; r < rounds; r++) {
        __builtin_memset(composite, 0, sizeof composite);
        for (size_t i = 2; i < sizeof composite; i++) {
            if (composite[i]) continue;
            primes++;
            for (size_t k = i * i; k < sizeof composite; k += i) composite[k] = 1;
        }
    }
    return primes;
}

ENTRY {
    for (int i = 0; i < NODES; i++) nodes[i].key = random64(), nodes[i].b = i;
    // From the end to the start, so that the time isn't all cache misses.
    for (int i = 1; i < NODES; i++) nodes[i].next = &nodes[i - 1];
    print("structures", structures(120));
    print("list", list(80));
    print("hash", hash(40000000));
    print("sieve", sieve(16));
}
