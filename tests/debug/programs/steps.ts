// Functions, recursion, loops and a call into WASI, in AssemblyScript: a source map knows its lines.
function factorial(n: i32): i32 {
  if (n < 2) {
    return 1;
  }
  let below = factorial(n - 1);
  return below * n;
}

class Point {
  constructor(public x: i32, public y: i32) {}

  sum(): i32 {
    return this.x + this.y;
  }
}

function total(count: i32): i32 {
  let result = 0;
  for (let i = 0; i < count; i++) {
    result += i * 3;
  }
  return result;
}

function point(): i32 {
  let corner = new Point(3, 4);
  let sum = corner.sum();
  return sum;
}

let one = factorial(5);
let two = total(4);
let three = point();
console.log(one.toString() + " " + two.toString() + " " + three.toString());
