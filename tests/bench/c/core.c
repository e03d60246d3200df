// In the manner of CoreMark: a linked list that is searched, reversed and sorted, small integer
// matrices, a state machine over text, and a CRC over all results.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint16_t crc(uint16_t crc, uint32_t value) {
    for (int i = 0; i < 32; i++) {
        int bit = (crc ^ value) & 1;
        crc = (uint16_t)(crc >> 1 ^ (bit ? 0xa001 : 0));
        value >>= 1;
    }
    return crc;
}

struct item { struct item *next; int16_t data, index; };
static struct item items[400];

static struct item *merge(struct item *a, struct item *b, int (*less)(const struct item *, const struct item *)) {
    struct item head, *tail = &head;
    while (a && b) {
        struct item **smaller = less(b, a) ? &b : &a;
        tail = tail->next = *smaller;
        *smaller = (*smaller)->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

static struct item *sort(struct item *list, int (*less)(const struct item *, const struct item *)) {
    if (!list || !list->next) return list;
    struct item *slow = list, *fast = list->next;
    while (fast && fast->next) slow = slow->next, fast = fast->next->next;
    struct item *second = slow->next;
    slow->next = NULL;
    return merge(sort(list, less), sort(second, less), less);
}

static int by_data(const struct item *a, const struct item *b) { return a->data < b->data; }
static int by_index(const struct item *a, const struct item *b) { return a->index < b->index; }

static uint16_t lists(int seed) {
    uint16_t result = 0;
    struct item *list = NULL;
    for (int i = 0; i < 400; i++) {
        items[i] = (struct item){list, (int16_t)((i * 7919 + seed) % 1009), (int16_t)i};
        list = &items[i];
    }
    for (int k = 0; k < 40; k++) {
        struct item *found = list;
        while (found && found->data != (k * 31 + seed) % 1009) found = found->next;
        result = crc(result, found ? found->index : 0xffff);
        struct item *reversed = NULL;
        while (list) {
            struct item *next = list->next;
            list->next = reversed;
            reversed = list;
            list = next;
        }
        list = reversed;
    }
    list = sort(list, by_data);
    for (struct item *i = list; i; i = i->next) result = crc(result, (uint16_t)i->data);
    list = sort(list, by_index);
    return crc(result, (uint32_t)list->data);
}

#define SIZE 24
static uint16_t matrices(int seed) {
    static int16_t a[SIZE][SIZE], b[SIZE][SIZE];
    static int32_t c[SIZE][SIZE];
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) a[i][j] = (int16_t)(seed * i + j), b[i][j] = (int16_t)(seed + i * j);
    uint16_t result = 0;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t sum = 0;
            for (int k = 0; k < SIZE; k++) sum += (a[i][k] * b[k][j] >> 2 & 0xf) * (a[i][k] + b[k][j] >> 5 & 0x7f);
            c[i][j] = sum;
        }
    for (int i = 0; i < SIZE; i++) result = crc(result, (uint32_t)c[i][(i * 5) % SIZE]);
    return result;
}

enum kind { START, SIGN, INTEGER, FRACTION, EXPONENT, EXPONENT_SIGN, DIGITS, INVALID, KINDS };

static uint16_t machine(const char *text, int seed) {
    uint32_t counts[KINDS] = {0};
    for (const char *p = text; *p;) {
        enum kind state = START;
        for (; *p && *p != ','; p++) {
            char c = *p;
            int digit = c >= '0' && c <= '9';
            switch (state) {
            case START: state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FRACTION : INVALID; break;
            case SIGN: state = digit ? INTEGER : c == '.' ? FRACTION : INVALID; break;
            case INTEGER: state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
            case FRACTION: state = digit ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
            case EXPONENT: state = digit ? DIGITS : c == '+' || c == '-' ? EXPONENT_SIGN : INVALID; break;
            case EXPONENT_SIGN: case DIGITS: state = digit ? DIGITS : INVALID; break;
            default: break;
            }
        }
        counts[state]++;
        if (*p) p++;
    }
    uint16_t result = (uint16_t)seed;
    for (int i = 0; i < KINDS; i++) result = crc(result, counts[i]);
    return result;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    static char text[2000];
    static const char *const words[] = {"5012", "-110.700", "0.1e-7", "+64.5", "T0.3e-1F", "1e", ".123", "87+3", "-.5e+12"};
    while (strlen(text) < 1900) strcat(strcat(text, words[strlen(text) % 9]), ",");
    uint16_t result = 0;
    for (int i = 0; i < rounds; i++) {
        result = crc(result, lists(i));
        result = crc(result, matrices(i));
        for (int k = 0; k < 4; k++) {
            text[(i * 13 + k * 401) % 1800] = "0+.e,x7"[i % 7];
            result = crc(result, machine(text, i));
        }
    }
    printf("%04x\n", result);
    return 0;
}
