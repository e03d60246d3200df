-- Floating-point arithmetic on table fields, string building and matching, sorting.
local scale = tonumber(arg[1]) or 1
local bodies = {}
for i = 1, 5 do bodies[i] = {x = i * 1.1, y = i * -0.7, z = i * 0.3, vx = 0.01 * i, vy = 0.02, vz = -0.01, mass = 1 / i} end
for _ = 1, 12000 * scale do
  for i = 1, 5 do
    local a = bodies[i]
    for j = i + 1, 5 do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local d = dx * dx + dy * dy + dz * dz
      local m = 0.0001 / (d * d ^ 0.5)
      a.vx = a.vx - dx * b.mass * m; a.vy = a.vy - dy * b.mass * m; a.vz = a.vz - dz * b.mass * m
      b.vx = b.vx + dx * a.mass * m; b.vy = b.vy + dy * a.mass * m; b.vz = b.vz + dz * a.mass * m
    end
  end
  for i = 1, 5 do
    local a = bodies[i]
    a.x = a.x + 0.0001 * a.vx; a.y = a.y + 0.0001 * a.vy; a.z = a.z + 0.0001 * a.vz
  end
end
print(string.format("%.9f %.9f", bodies[1].x, bodies[5].vz))
local seed, words, counts = 42, {}, {}
for i = 1, 12000 * scale do
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  words[i] = string.format("word%d-%x", seed % 5000, seed % 97)
end
for i = 1, #words do
  local name, suffix = words[i]:match("^(%a+%d+)%-(%x+)$")
  counts[name] = (counts[name] or 0) + #suffix
end
table.sort(words)
local text = table.concat(words, " ")
local _, vowels = text:gsub("[aeiou]", "")
local keys = {}
for key in pairs(counts) do keys[#keys + 1] = key end
table.sort(keys, function(a, b) return counts[a] == counts[b] and a < b or counts[a] > counts[b] end)
print(#text, vowels, keys[1], counts[keys[1]], text:upper():sub(1, 30), text:find("word77", 1, true))
