// Freestanding C for an AVR microcontroller: material for GCC's cc1.
typedef unsigned char u8;
typedef unsigned int u16;

static const u8 table[16] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 1, 1, 2, 3};
struct node {
    struct node *next;
    int value;
};
volatile u8 *const port = (u8 *)0x25;

u16 crc(const u8 *p, u16 n) {
    u16 c = 0xffff;
    int unused;
    while (n--) {
        c ^= *p++;
        for (u8 i = 0; i < 8; i++) c = c & 1 ? c >> 1 ^ 0xa001 : c >> 1;
    }
    return c;
}

long sum(struct node *n) {
    long s = 0;
    for (; n; n = n->next) s += (long)n->value * table[n->value & 15];
    return s;
}

float mean(const float *v, int n) {
    float s = 0;
    for (int i = 0; i < n; i++) s += v[i];
    return n ? s / n : 0;
}

int main(void) {
    for (u8 i = 0;; i++) switch (i & 7) {
        case 0: *port = table[i >> 4]; break;
        case 1:
        case 2: *port ^= i; break;
        case 5: *port = crc(table, 16) >> 8; break;
        default: *port = 0;
        }
}
