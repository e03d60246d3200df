// Functions of a library, in JavaScript: see text.wit.

export const words = {
  count(text, order) {
    const counts = new Map();
    for (const [word] of text.toLowerCase().matchAll(/[a-zäöüß]+/g)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const entries = [...counts].map(([word, count]) => ({ word, count }));
    entries.sort((a, b) => (a.word < b.word ? -1 : 1));
    if (order.tag !== "by-word") entries.sort((a, b) => b.count - a.count);
    return order.tag === "first" ? entries.slice(0, order.val) : entries;
  },
};

export function greet(name) {
  return `Hello, ${name}!`;
}

export function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}

export function divide(a, b) {
  if (b === 0) throw `${a} can't be divided by 0`;
  return Math.trunc(a / b);
}

export function find(text, pattern) {
  const match = new RegExp(pattern).exec(text);
  return match === null ? undefined : [match.index, match[0]];
}
