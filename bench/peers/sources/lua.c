// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stands in for lua.c, Lua's 33rd object: a function that runs a script.
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

long lua_entry(long n) {
  long result = -1;
  lua_State* state = luaL_newstate();
  if (!state) return -2;
  luaL_openlibs(state);
  lua_pushinteger(state, n);
  lua_setglobal(state, "n");
  if (luaL_dostring(state, "local t = {} for i = 1, n do t[i] = (n - i) * i end table.sort(t)\n"
                           "return t[#t] + #string.rep('x', n) + math.floor(math.sqrt(n))") == LUA_OK) {
    result = (long)lua_tointeger(state, -1);
  }
  lua_close(state);
  return result;
}
