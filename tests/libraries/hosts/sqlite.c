// SQLite as WebAssembly, on a database in a directory that it is granted; SQLite of the same source in this program reads
// the file, and adds to it.
#include "host.h"
#include "sqlite_wasm.h"

// modules/sqlite.c, compiled for this program.
int open_database(const char *path);
int run(const char *sql);
const char *rows(void);
int close_database(void);

static int32_t put(const char *text) {
    int32_t address;
    size_t length = strlen(text) + 1;
    EXPECT(sqlite_wasm_allocate((int32_t)length, &address) == sqlite_wasm_ok && address != 0);
    memcpy(sqlite_wasm_memory_pointer((uint32_t)address, length), text, length);
    return address;
}

static int run_wasm(const char *sql) {
    int32_t error;
    EXPECT(sqlite_wasm_run(put(sql), &error) == sqlite_wasm_ok);
    return error;
}

static const char *rows_wasm(void) {
    int32_t address;
    EXPECT(sqlite_wasm_rows(&address) == sqlite_wasm_ok);
    return (const char *)sqlite_wasm_memory_pointer((uint32_t)address, 1);
}

static const char *const MAKE =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, value REAL);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
    "INSERT INTO t SELECT i, 'name ' || (i * 7919 % 20011), i / 8.0 FROM n;"
    "CREATE INDEX by_name ON t(name);";
static const char *const ASK =
    "SELECT count(*), sum(id), total(value) FROM t;"
    "SELECT id, name, value FROM t WHERE name LIKE 'name 12%' ORDER BY name LIMIT 20;";

int main(int argc, char **argv) {
    EXPECT(argc == 2);
    sqlite_wasm_directory directory = {argv[1], "/data", 0};
    sqlite_wasm_options options = {sizeof options};
    options.directories = &directory;
    options.directory_count = 1;
    EXPECT(sqlite_wasm_instantiate(&options) == sqlite_wasm_ok);
    int32_t error;
    EXPECT(sqlite_wasm_open(put("/data/test.db"), &error) == sqlite_wasm_ok && error == 0);
    EXPECT(run_wasm(MAKE) == 0);
    EXPECT(run_wasm(ASK) == 0);

    char path[512];
    EXPECT(strlen(argv[1]) < 400);
    strcpy(path, argv[1]);
    strcat(path, "/test.db");
    EXPECT(open_database(path) == 0);
    EXPECT(run("PRAGMA integrity_check") == 0 && strcmp(rows(), "ok\n") == 0);
    EXPECT(run(ASK) == 0 && strcmp(rows(), rows_wasm()) == 0);
    EXPECT(run("INSERT INTO t VALUES(20001, 'from outside', 0.5)") == 0);
    EXPECT(close_database() == 0);
    EXPECT(run_wasm("SELECT * FROM t WHERE id > 20000") == 0);
    EXPECT(strcmp(rows_wasm(), "20001|from outside|0.5\n") == 0);
    EXPECT(run_wasm("SELECT missing") != 0 && strstr(rows_wasm(), "no such column") != NULL);

    // Nothing else is granted.
    EXPECT(sqlite_wasm_open(put("/etc/test.db"), &error) == sqlite_wasm_ok && error != 0);
    EXPECT(sqlite_wasm_open(put("/data/../test.db"), &error) == sqlite_wasm_ok && error != 0);
    // And nothing at all without a grant.
    sqlite_wasm_delete();
    EXPECT(sqlite_wasm_instantiate(NULL) == sqlite_wasm_ok);
    EXPECT(sqlite_wasm_open(put("/data/test.db"), &error) == sqlite_wasm_ok && error != 0);
    // What can't be opened isn't granted.
    sqlite_wasm_delete();
    directory.host = "there is no such directory";
    EXPECT(sqlite_wasm_instantiate(&options) == sqlite_wasm_invalid_options);
    say_line("as the same SQLite in C");
    return 0;
}
