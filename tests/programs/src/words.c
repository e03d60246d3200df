// Counts the words of standard input with a hash table and prints them sorted.
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *word;
    long count;
    struct entry *next;
};

static struct entry **buckets;
static size_t bucket_count, entry_count;

static uint64_t hash(const char *s) {
    uint64_t h = 1469598103934665603u;
    while (*s) h = (h ^ (unsigned char)*s++) * 1099511628211u;
    return h;
}

static void grow(void) {
    size_t count = bucket_count ? bucket_count * 2 : 8;
    struct entry **fresh = calloc(count, sizeof *fresh);
    for (size_t i = 0; i < bucket_count; i++)
        for (struct entry *e = buckets[i], *next; e; e = next) {
            next = e->next;
            size_t slot = hash(e->word) % count;
            e->next = fresh[slot];
            fresh[slot] = e;
        }
    free(buckets);
    buckets = fresh;
    bucket_count = count;
}

static void add(const char *word) {
    if (entry_count >= bucket_count) grow();
    size_t slot = hash(word) % bucket_count;
    for (struct entry *e = buckets[slot]; e; e = e->next)
        if (!strcmp(e->word, word)) {
            e->count++;
            return;
        }
    struct entry *e = malloc(sizeof *e);
    *e = (struct entry){strdup(word), 1, buckets[slot]};
    buckets[slot] = e;
    entry_count++;
}

static int order(const void *a, const void *b) {
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->word, y->word);
}

int main(void) {
    char word[256];
    size_t length = 0;
    long characters = 0, lines = 0;
    for (int c; (c = getchar()) != EOF;) {
        characters++;
        lines += c == '\n';
        if (isalnum(c) && length + 1 < sizeof word)
            word[length++] = (char)tolower(c);
        else if (length) {
            word[length] = 0;
            add(word);
            length = 0;
        }
    }
    if (length) word[length] = 0, add(word);
    struct entry **all = malloc(entry_count * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < bucket_count; i++)
        for (struct entry *e = buckets[i]; e; e = e->next) all[n++] = e;
    qsort(all, n, sizeof *all, order);
    for (size_t i = 0; i < n; i++) printf("%6ld %s\n", all[i]->count, all[i]->word);
    fprintf(stderr, "%ld lines, %zu different words, %ld characters\n", lines, n, characters);
    return 0;
}
