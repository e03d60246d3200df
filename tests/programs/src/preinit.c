// A program whose start takes time: it sieves primes, sorts words and chooses a function. Once `wizer-initialize` has run,
// `main` finds all of that done.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT 200000
#define WORDS 5000

static unsigned char *sieve;
static int primes;
static char *words[WORDS];
static int (*apply)(int);

void __wasm_call_ctors(void);

static int twice(int value) { return 2 * value; }
static int square(int value) { return value * value; }

static int order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void prepare(void) {
    sieve = calloc(LIMIT, 1);
    for (int i = 2; i < LIMIT; i++) {
        if (sieve[i]) continue;
        primes++;
        for (long j = (long)i * i; j < LIMIT; j += i) sieve[j] = 1;
    }
    for (unsigned i = 0; i < WORDS; i++) {
        char text[32];
        snprintf(text, sizeof text, "word-%u", i * 2654435761u);
        words[i] = strdup(text);
    }
    qsort(words, WORDS, sizeof *words, order);
    apply = getenv("SQUARE") ? square : twice;
}

__attribute__((export_name("wizer-initialize"))) void initialise(void) {
    // What the start of a program does before `main`.
    __wasm_call_ctors();
    prepare();
}

int main(int argc, char **argv) {
    const char *how = sieve ? "prepared" : "not prepared";
    if (!sieve) prepare();
    printf("%s: %d primes, %s to %s, %d\n", how, primes, words[0], words[WORDS - 1], apply(argc > 1 ? atoi(argv[1]) : 5));
    return 0;
}
