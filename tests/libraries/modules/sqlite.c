// SQLite as a library: one database at a time, in a file that WASI grants.
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

#define EXPORT(name) __attribute__((export_name(name)))

static sqlite3 *database;
// The rows of the last statements, or what SQLite says of them.
static char *text;
static size_t length, room;

static void add(const char *more) {
    size_t count = strlen(more);
    if (length + count + 1 > room) text = realloc(text, room = 2 * (length + count + 1));
    memcpy(text + length, more, count + 1);
    length += count;
}

static int add_row(void *unused, int count, char **values, char **names) {
    (void)unused, (void)names;
    for (int i = 0; i < count; i++) {
        if (i != 0) add("|");
        add(values[i] ? values[i] : "NULL");
    }
    add("\n");
    return 0;
}

EXPORT("allocate") void *allocate(size_t bytes) { return malloc(bytes); }

EXPORT("open") int open_database(const char *path) { return sqlite3_open(path, &database); }

EXPORT("run") int run(const char *sql) {
    char *message = NULL;
    length = 0;
    add("");
    int error = sqlite3_exec(database, sql, add_row, NULL, &message);
    if (message != NULL) add(message);
    sqlite3_free(message);
    return error;
}

EXPORT("rows") const char *rows(void) { return text; }

EXPORT("close") int close_database(void) { return sqlite3_close(database); }
