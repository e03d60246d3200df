// A Lua interpreter as a library: runs a script, whose result is a string.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#define EXPORT(name) __attribute__((export_name(name)))

_Noreturn void lua_fail(struct lua_State *L) {
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "lua: %s\n", message ? message : "error or yield");
    abort();
}

static int at_panic(lua_State *L) { lua_fail(L); }

EXPORT("allocate") void *allocate(size_t length) { return malloc(length); }

// The interpreter lives as long as the instance: scripts see the globals of those before.
EXPORT("run") const char *run(const char *script, size_t length) {
    static lua_State *L;
    if (L == NULL) {
        L = luaL_newstate();
        lua_atpanic(L, at_panic);
        luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
        luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
        luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
        luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    }
    lua_settop(L, 0);
    if (luaL_loadbuffer(L, script, length, "script")) lua_fail(L);
    lua_call(L, 0, 1);
    return luaL_tolstring(L, -1, NULL);
}
