// What is measured of each engine. The modules are calls.wat, `library-zlib` of the program tests, and one with a mebibyte
// of data.
#include <stdint.h>

// Instantiates the first two; their files are there for who needs them.
void start(const char *calls, const char *zlib, const char *data);

// Calls an export that does nothing.
void call_empty(void);

// Calls an export that calls an import, which does nothing, this many times.
void call_imports(int32_t count);

int32_t zlib_allocate(int32_t length);
uint8_t *zlib_memory(int32_t address);
int32_t zlib_pack(int32_t from, int32_t length, int32_t to, int32_t room, int32_t level);
int32_t zlib_unpack(int32_t from, int32_t length, int32_t to, int32_t room);

// Makes an instance of the third, calls an export that reads a byte, and deletes it. None if the engine has it not.
extern int32_t (*const make_instance)(void);

// Ends the program with a message.
void fail(const char *message);
