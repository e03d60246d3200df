-- Function calls, closures and small tables: recursive Fibonacci and binary trees.
local n = tonumber(arg[1]) or 25
local function fib(k) if k < 2 then return k end return fib(k - 1) + fib(k - 2) end
print(fib(n))
local function build(depth)
  if depth == 0 then return {} end
  return {build(depth - 1), build(depth - 1)}
end
local function check(tree) return tree[1] and 1 + check(tree[1]) + check(tree[2]) or 1 end
for depth = 4, n // 2, 4 do
  local total = 0
  for _ = 1, 1 << (n // 2 - depth + 3) do total = total + check(build(depth)) end
  print(depth, total)
end
