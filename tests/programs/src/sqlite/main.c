// Runs SQL on a database and prints the rows, or a workload of a given size.
//
//   sqlite FILE            the statements of standard input, on the database FILE (or :memory:)
//   sqlite --workload N    a fixed mix of inserts, indexes, joins and updates over N rows
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static int print_row(void *separator, int count, char **values, char **names) {
    (void)names;
    for (int i = 0; i < count; i++) printf("%s%s", i ? (const char *)separator : "", values[i] ? values[i] : "NULL");
    printf("\n");
    return 0;
}

static int run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, print_row, "|", &message) == SQLITE_OK) return 0;
    printf("error: %s\n", message);
    sqlite3_free(message);
    return 1;
}

static char *input(void) {
    size_t length = 0, room = 1 << 16;
    char *text = malloc(room + 1);
    for (size_t n; (n = fread(text + length, 1, room - length, stdin)) > 0;) {
        length += n;
        if (length == room) text = realloc(text, (room *= 2) + 1);
    }
    text[length] = 0;
    return text;
}

// Statements end with a semicolon at the end of a line, so that a failing one doesn't stop the rest.
static int run_all(sqlite3 *db, char *text) {
    int failed = 0;
    for (char *statement = text, *end; *statement; statement = end) {
        end = strstr(statement, ";\n");
        end = end ? end + 2 : statement + strlen(statement);
        char kept = *end;
        *end = 0;
        failed += run(db, statement);
        *end = kept;
    }
    return failed;
}

static unsigned long long state = 88172645463325252u;

static unsigned random_below(unsigned limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 20) % limit;
}

static int workload(sqlite3 *db, int rows) {
    int failed = run(db,
        "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT NOT NULL, city INTEGER, score REAL);"
        "CREATE TABLE cities(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "BEGIN");
    sqlite3_stmt *insert;
    sqlite3_prepare_v2(db, "INSERT INTO people(name, city, score) VALUES(?, ?, ?)", -1, &insert, NULL);
    for (int i = 0; i < rows; i++) {
        char name[40];
        unsigned number = random_below(1000), suffix = random_below(1 << 30);
        int length = snprintf(name, sizeof name, "person %u %x", number, suffix);
        sqlite3_bind_text(insert, 1, name, length, SQLITE_TRANSIENT);
        sqlite3_bind_int(insert, 2, (int)random_below(200));
        sqlite3_bind_double(insert, 3, random_below(100000) / 8.0);
        failed += sqlite3_step(insert) != SQLITE_DONE;
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    failed += run(db, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)"
                      "INSERT INTO cities SELECT i, 'city ' || i FROM n; COMMIT;"
                      "CREATE INDEX by_city ON people(city, score); CREATE INDEX by_name ON people(name);");
    sqlite3_stmt *find;
    sqlite3_prepare_v2(db, "SELECT count(*), sum(score) FROM people WHERE city = ? AND score BETWEEN ? AND ?", -1, &find, NULL);
    double total = 0;
    for (int i = 0; i < rows / 50; i++) {
        double low = random_below(10000);
        sqlite3_bind_int(find, 1, (int)random_below(200));
        sqlite3_bind_double(find, 2, low);
        sqlite3_bind_double(find, 3, low + 500);
        if (sqlite3_step(find) == SQLITE_ROW) total += sqlite3_column_int(find, 0) + sqlite3_column_double(find, 1);
        sqlite3_reset(find);
    }
    sqlite3_finalize(find);
    printf("lookups: %.3f\n", total);
    failed += run(db,
        "SELECT c.name, count(*), round(avg(p.score), 3), min(p.name) FROM people p JOIN cities c ON c.id = p.city"
        " GROUP BY c.id ORDER BY 3 DESC LIMIT 5;"
        "UPDATE people SET score = score * 1.5, name = upper(name) WHERE id % 7 = 0;"
        "DELETE FROM people WHERE city BETWEEN 20 AND 29;"
        "SELECT count(*), sum(length(name)), round(sum(score), 2) FROM people WHERE name LIKE '%A%7%';"
        "SELECT substr(name, 1, 9) AS prefix, count(*) FROM people GROUP BY prefix ORDER BY 2 DESC, 1 LIMIT 5;"
        "SELECT id, name, rank() OVER (PARTITION BY city ORDER BY score DESC) AS r FROM people ORDER BY r, score DESC, id LIMIT 5;"
        "PRAGMA integrity_check;");
    return failed;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: sqlite FILE | sqlite --workload ROWS\n");
        return 2;
    }
    int fixed = !strcmp(argv[1], "--workload") && argc > 2;
    sqlite3 *db;
    if (sqlite3_open_v2(fixed ? ":memory:" : argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix-none")) {
        printf("can't open: %s\n", sqlite3_errmsg(db));
        return 1;
    }
    int failed = fixed ? workload(db, atoi(argv[2])) : run_all(db, input());
    sqlite3_close(db);
    return failed ? 1 : 0;
}
