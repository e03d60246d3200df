// Included before every file of Lua. Errors end the program instead of unwinding to `pcall`, so that
// no setjmp is needed (in Wasm that would take exception handling); coroutines can't yield.
#include <stdio.h>

struct lua_State;
_Noreturn void lua_fail(struct lua_State *L);

#define LUAI_THROW(L, c) lua_fail(L)
#define LUAI_TRY(L, c, a) { a }
#define luai_jmpbuf int

// What WASI does not have.
#define l_system(command) (-1)
#define LUA_TMPNAMBUFSIZE 1
#define lua_tmpnam(buffer, error) { (buffer)[0] = 0; error = 1; }
#define tmpfile() ((FILE *)0)
