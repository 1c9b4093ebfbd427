-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
package.path = "./?.lua"
local Shape = require("shapes")
assert(require("shapes") == Shape)
print(_VERSION, #arg, arg[1], arg[2])

-- Metatables.
local square, triangle = Shape.new("square", {1, 1, 1, 1}), Shape.new("triangle", {3, 4, 5})
print(square, triangle, triangle < square, square .. triangle, #square, triangle:perimeter())
local weak = setmetatable({}, {__mode = "k"})
local closed = {}
do
  local resource <close> = setmetatable({}, {__close = function() closed[#closed + 1] = "closed" end})
end
print(table.concat(closed, ","))

-- Closures share what they captured.
local function counter()
  local n = 0
  return function() n = n + 1; return n end, function() return n end
end
local step, read = counter()
for _ = 1, 5 do step() end
print(read())

-- string.format, patterns, packing.
print(string.format("%5d|%-8s|%08.3f|%x|%q|%g|%a", 42, "left", math.pi, 255, "a\nb\0c", 1e100, 0.5))
print(("the quick brown fox"):gsub("(%w+) (%w+)", "%2 %1"))
for key, value in ("a=1, b=22, c=333"):gmatch("(%w)=(%d+)") do io.write(key, ":", value, " ") end
print()
print(string.unpack("<i4", string.pack("<i4", -123456)), utf8.char(228, 8364), utf8.len("äöü"))

-- Coroutines, also across pcall.
local function walk(tree)
  if type(tree) == "table" then
    for _, branch in ipairs(tree) do walk(branch) end
  else
    coroutine.yield(tree)
  end
end
local leaves = {}
for leaf in coroutine.wrap(function() walk({1, {2, {3, 4}}, {{5}}}) end) do leaves[#leaves + 1] = leaf end
print(table.concat(leaves, " "))
local co = coroutine.create(function() pcall(function() coroutine.yield("in pcall") end) error({code = 7}) end)
print(coroutine.resume(co))
local ok, failure = coroutine.resume(co)
print(ok, type(failure), failure.code, coroutine.status(co))

-- Errors: longjmp out of C frames.
print(pcall(error, "plain"))
print(pcall(string.rep))
print(select("#", pcall(error)))
print(xpcall(function() local x = nil; return x.field end, function(message) return "handled: " .. message end))
local depth = 0
local function overflow() depth = depth + 1; return 1 + overflow() end
print(pcall(overflow) == false, depth > 1000)
table.sort(leaves, function(a, b) return a > b end)
print(table.unpack(leaves))
print(pcall(table.sort, {3, 1, "x"}))
print(load("return 6 * 7")(), load("syntax error here"))

-- Numbers.
print(1 // 0.0, -7 // 2, -7 % 3, 7 / 2, 2^53, math.maxinteger + 1 == math.mininteger, 3 | 4, ~0)
print(math.tointeger(3.0), math.type(1), math.type(1.0), math.floor(-3.5), string.format("%.14g", math.sin(1)))

-- Garbage: finalisers run, weak keys go.
local finalised = 0
for _ = 1, 1000 do
  local garbage = setmetatable({}, {__gc = function() finalised = finalised + 1 end})
  weak[garbage] = true
end
collectgarbage(); collectgarbage()
print(finalised, next(weak))
collectgarbage("generational")
local keep = {}
for i = 1, 200000 do keep[i % 100] = {i} end
print(#keep, keep[42][1])

-- The host: files, environment, time.
local file = assert(io.open("out.txt", "w"))
file:write("line one\n", 2, "\n"):close()
for line in io.lines("out.txt") do io.write("[", line, "] ") end
print(io.open("no/such/file"))
print(os.getenv("ENFOLD_NO_SUCH_VARIABLE"), os.date("!%Y-%m-%d", 86400))
setmetatable({}, {__gc = function() print("at exit") end})
io.stderr:write("to stderr\n")
os.exit(tonumber(arg[2]), true)
