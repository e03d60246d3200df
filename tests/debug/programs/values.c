// Locals of every kind in C: what debuggers are asked about, by tests/debug.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum color { RED, GREEN = 5, BLUE };

struct point {
    int x;
    short y;
};

struct shape {
    enum color color;
    struct point corners[2];
    const char *name;
    double area;
};

struct node {
    int value;
    struct node *next;
};

union word {
    uint32_t whole;
    uint8_t bytes[4];
};

static int calls;
double factor = 2.5;

static int integers(int8_t tiny, uint8_t byte, int16_t small, uint16_t wide) {
    int32_t minus = -100000;
    uint32_t big = 4000000000u;
    int64_t far = -5000000000ll;
    uint64_t huge = 18000000000000000000ull;
    bool yes = true;
    char letter = 'q';
    calls++;
    int sum = tiny + byte + small + wide;
    if (yes && letter == 'q' && minus < 0)
        sum += (int)(far % 7) + (int)(huge % 11) + (int)(big % 13);
    return sum;
}

static double floats(float half, double third) {
    double sum = half + third;
    float product = half * 3.0f;
    sum += product * factor;
    return sum;
}

static inline __attribute__((always_inline)) int square(int side) {
    int area = side * side;
    calls++;
    return area;
}

static int shapes(int scale) {
    struct shape shape = {GREEN, {{1, 2}, {3 * scale, -4}}, "box", 1.5};
    struct shape *pointer = &shape;
    union word word = {0x04030201};
    int area = square(scale + 2);
    pointer->corners[0].x = area;
    pointer->color = BLUE;
    word.bytes[1] = 9;
    calls += pointer->corners[1].x + word.bytes[1];
    return pointer->corners[0].x + pointer->color;
}

static int length(struct node *list) {
    int rest = 0;
    if (list) {
        rest = length(list->next);
        calls++;
        rest++;
    }
    return rest;
}

static int lists(void) {
    struct node third = {30, NULL};
    struct node second = {20, &third};
    struct node first = {10, &second};
    struct node *nodes[3] = {&first, &second, &third};
    int count = length(&first);
    for (int i = 0; i < 3; i++)
        count += nodes[i]->value;
    return count;
}

static int matrix(const char *title) {
    int cells[2][3] = {{1, 2, 3}, {4, 5, 6}};
    char text[8] = "abc";
    const char *words[2] = {"one", "two"};
    int (*function)(int) = shapes;
    int total = 0;
    for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 3; column++) {
            int cell = cells[row][column];
            total += cell;
        }
        text[row] = 'A' + row;
    }
    total += words[1][0] + title[0] + function(1);
    return total;
}

int main(int argc, char **argv) {
    int one = integers(-8, 200, -3000, 60000);
    double two = floats(0.5f, 0.25);
    int three = shapes(2);
    int four = lists();
    int five = matrix("title");
    write(1, "values\n", 7);
    printf("%d %g %d %d %d %d\n", one, two, three, four, five, calls);
    return argc > 1 && argv[1][0] == 'x';
}
