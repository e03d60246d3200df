// What the hosts share: input, output, and how they end. Few functions of the C library, none with a variable number of
// arguments: for macOS there are only those of tests/macho.
#ifndef HOST_H
#define HOST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#else
#include <unistd.h>
#endif

static char said[1 << 12];
static size_t said_length;

static inline void say(const char *text) {
    size_t length = strlen(text);
    if (length > sizeof said - 1 - said_length) abort();
    memcpy(said + said_length, text, length + 1);
    said_length += length;
}

static inline void say_number(int64_t number) {
    char digits[21], *start = digits + sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    *--start = 0;
    do *--start = (char)('0' + rest % 10); while (rest /= 10);
    if (number < 0) say("-");
    say(start);
}

// Ends the line.
static inline void say_line(const char *text) {
    say(text);
    puts(said);
    said_length = 0;
}

// Ends the program if something isn't as it should be.
#define EXPECT(condition) expect((condition) ? 1 : 0, #condition, __LINE__)

static inline void expect(int holds, const char *condition, int line) {
    if (holds) return;
    said_length = 0;
    say("line ");
    say_number(line);
    say(": not so: ");
    say_line(condition);
    fflush(NULL);
    _Exit(1);
}

// All of standard input.
static inline unsigned char *read_input(size_t *length) {
    size_t room = 1 << 16;
    unsigned char *bytes = (unsigned char *)malloc(room);
    *length = 0;
#ifdef _WIN32
    _setmode(0, _O_BINARY);
#endif
    for (;;) {
        if (*length == room) bytes = (unsigned char *)realloc(bytes, room *= 2);
        long count = (long)read(0, bytes + *length, (unsigned)(room - *length));
        if (count <= 0) return bytes;
        *length += (size_t)count;
    }
}

#endif
