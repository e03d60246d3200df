// What an application in JavaScript does: objects, maps, text, numbers.

function tree(count) {
  const root = { key: Math.floor(count / 2), left: null, right: null };
  let key = 1;
  for (let index = 0; index < count; index++) {
    key = (key * 16807) % 2147483647;
    let node = root;
    for (;;) {
      const side = key < node.key ? "left" : "right";
      if (node[side] === null) {
        node[side] = { key, left: null, right: null };
        break;
      }
      node = node[side];
    }
  }
  const stack = [[root, 0]];
  let depths = 0;
  while (stack.length > 0) {
    const [node, depth] = stack.pop();
    depths += depth;
    if (node.left !== null) stack.push([node.left, depth + 1]);
    if (node.right !== null) stack.push([node.right, depth + 1]);
  }
  return depths;
}

function words(count) {
  const text = Array.from({ length: count }, (_, index) => `word${(index * 7919) % 613} and-${index % 37}`).join(" ");
  const counts = new Map();
  for (const [word] of text.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 3);
}

function records(count) {
  const document = Array.from({ length: count }, (_, id) => ({ id, name: `name ${id}`, values: [id / 3, id / 7] }));
  return JSON.parse(JSON.stringify(document)).reduce((sum, { name }) => sum + name.length, 0);
}

function primes(limit) {
  const sieve = new Uint8Array(limit).fill(1);
  let count = 0;
  for (let number = 2; number < limit; number++) {
    if (sieve[number] === 0) continue;
    count++;
    for (let multiple = number * 2; multiple < limit; multiple += number) sieve[multiple] = 0;
  }
  return count;
}

export const run = {
  run() {
    console.log([tree(30_000), words(40_000), records(15_000), primes(1_000_000)].join(" "));
  },
};
