// Locals of every kind in Rust: what debuggers are asked about, by tests/debug.
#![allow(unused_variables)]
use std::hint::black_box;

#[derive(Clone, Debug)]
struct Point {
    x: i32,
    y: i16,
}

#[derive(Debug)]
enum Shape {
    Empty,
    Circle(f64),
    Box { corner: Point, width: u8 },
}

struct Node {
    value: i32,
    next: Option<Box<Node>>,
}

fn integers(tiny: i8, byte: u8, small: i16, wide: u16) -> i64 {
    let minus: i32 = -100_000;
    let big: u32 = 4_000_000_000;
    let far: i64 = -5_000_000_000;
    let huge: u64 = 18_000_000_000_000_000_000;
    let yes = true;
    let letter = 'q';
    let size: usize = 77;
    let sum = i64::from(tiny) + i64::from(byte) + i64::from(small) + i64::from(wide);
    black_box((&big, &huge, &yes, &letter, &size));
    sum + i64::from(minus) + far
}

fn floats(half: f32, third: f64) -> f64 {
    let sum = f64::from(half) + third;
    let pair = (half, third);
    sum + pair.1
}

fn strings(name: &str) -> usize {
    let owned = String::from("owned text");
    let slice = &owned[6..];
    let numbers = vec![3, 1, 4, 1, 5];
    let middle = &numbers[1..3];
    let array = [10u8, 20, 30];
    let total: usize = name.len() + owned.len() + slice.len();
    black_box(&array);
    total + numbers.len() + middle.len()
}

fn options(flag: bool) -> i32 {
    let some: Option<i32> = Some(7);
    let none: Option<i32> = None;
    let boxed = Box::new(41);
    let shape = Shape::Box { corner: Point { x: 5, y: -6 }, width: 9 };
    let circle = Shape::Circle(1.5);
    let empty = Shape::Empty;
    let reference = &shape;
    let result = some.unwrap_or(0) + *boxed + none.unwrap_or(1);
    black_box((reference, &circle, &empty));
    if flag { result } else { 0 }
}

fn closures(base: i32) -> i32 {
    let mut calls = 0;
    let mut add = |more: i32| {
        calls += 1;
        let sum = base + more;
        sum * 2
    };
    let first = add(1);
    let second = add(first);
    second + calls
}

fn length(list: &Option<Box<Node>>) -> i32 {
    match list {
        None => 0,
        Some(node) => {
            let rest = length(&node.next);
            rest + node.value
        }
    }
}

fn main() {
    let one = integers(-8, 200, -3000, 60000);
    let two = floats(0.5, 0.25);
    let three = strings("title");
    let four = options(true);
    let five = closures(4);
    let second = Node { value: 20, next: None };
    let list = Some(Box::new(Node { value: 10, next: Some(Box::new(second)) }));
    let six = length(&list);
    println!("{one} {two} {three} {four} {five} {six}");
}
