// An AssemblyScript program: classes, generics, maps, strings and the incremental collector.

class Point {
  constructor(public x: f64, public y: f64) {}
  distance(other: Point): f64 {
    return Math.hypot(this.x - other.x, this.y - other.y);
  }
  toString(): string {
    return "(" + this.x.toString() + ", " + this.y.toString() + ")";
  }
}

function sieve(limit: i32): i32 {
  const composite = new StaticArray<bool>(limit + 1);
  let count = 0;
  for (let i = 2; i <= limit; i++) {
    if (composite[i]) continue;
    count++;
    for (let j = <i64>i * i; j <= limit; j += i) composite[<i32>j] = true;
  }
  return count;
}

function fold<T>(values: Array<T>, start: T, step: (a: T, b: T) => T): T {
  let result = start;
  for (let i = 0; i < values.length; i++) result = step(result, values[i]);
  return result;
}

console.log("arguments: " + process.argv.slice(1).join(","));
console.log(sieve(100000).toString());

const counts = new Map<string, i32>();
const text = "the quick brown fox jumps over the lazy dog and the quick cat";
const words = text.split(" ");
for (let i = 0; i < words.length; i++) {
  const word = words[i];
  counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
}
const keys = counts.keys();
keys.sort();
for (let i = 0; i < keys.length; i++) console.log(keys[i] + ": " + counts.get(keys[i]).toString());

// Much garbage, to give the collector work.
let last = new Point(0, 0);
let length: f64 = 0;
for (let i = 0; i < 200000; i++) {
  const next = new Point(Math.sin(<f64>i), Math.cos(<f64>i * 0.5));
  length += last.distance(next);
  last = next;
}
console.log(length.toString() + " " + last.toString());
console.log(fold<i64>([1, 2, 3, 4, 5000000000], 1, (a: i64, b: i64): i64 => a * b).toString());
console.log("Grüße, 世界 🌍".toUpperCase() + " " + "abc".padStart(8, "*").replaceAll("b", "--"));
console.error("to standard error");
process.exit(process.argv.length + 10);
