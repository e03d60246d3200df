-- What a script can do without pcall and coroutines: closures, metatables, goto, integer and float
-- arithmetic, string matching and formatting, sorting, garbage collection with finalizers.
local function counter()
  local n = 0
  return function(step) n = n + (step or 1); return n end
end
local c = counter(); c(); c(5)
print("closure", c())

local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return setmetatable({x = a.x + b.x, y = a.y + b.y}, Vector) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__tostring = function(v) return string.format("<%g, %g>", v.x, v.y) end
Vector.__len = function() return 2 end
Vector.__call = function(v, k) return v[k] end
local v = setmetatable({x = 1, y = 2}, Vector) + setmetatable({x = 0.5, y = -2}, Vector)
print(tostring(v), #v, v "x", v == setmetatable({x = 1.5, y = 0}, Vector))

print(7 // 2, -7 // 2, 7 % -3, 7.5 // 2, 2^53, 1 << 62, ~5, 0xff >> 4, 3 | 8, 10 / 2)
print(math.maxinteger + 1 == math.mininteger, math.type(3), math.type(3.0), 1e15, 1e100, 2^63)
print(math.tointeger(3.0), math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), math.ult(1, -1))
print(string.format("%5d|%-8s|%08.3f|%x|%q|%g", 42, "left", math.pi, 48879, 'a "quoted"\n', 1e-10))
for k, w in string.gmatch("one=1, two=2, three=3", "(%w+)=(%w+)") do io.write(k, ":", w, " ") end
print(("hello world"):gsub("o", {o = "0"}), ("  trim  "):match("^%s*(.-)%s*$") .. "|", ("x"):rep(5, "-"))
print(string.pack("<i4z", 7, "abc"):byte(1, -1))
print(utf8.char(72, 228, 8364, 128512), utf8.len("häß€"), #"häß€")
for p, code in utf8.codes("aé€") do io.write(p, "=", code, " ") end print()

local words = {}
for w in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do words[#words + 1] = w end
table.sort(words, function(a, b) return #a == #b and a < b or #a < #b end)
print(table.concat(words, " "), select("#", table.unpack(words)))
print(table.concat(table.move({1, 2, 3}, 1, 3, 3, {9, 9}), ","), next({}), rawlen({1, 2}))

for i = 3, 1, -1 do for j = 1, 3 do if j == i then goto continue end io.write(i, j, " ") ::continue:: end end
print()
local collected = 0
for i = 1, 20000 do setmetatable({i}, {__gc = function() collected = collected + 1 end}) end
collectgarbage()
print("finalized", collected, collectgarbage("count") < 4000)
do local closed <close> = setmetatable({}, {__close = function() print("closed") end}) print("open") end
local f = load("local a, b = ... ; return a * b, #tostring(a)")
print(f(6, 7.0))
