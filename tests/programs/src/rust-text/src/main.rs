//! A Rust program for wasm32-wasip1: collections, trait objects, formatting, files and time.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

trait Shape {
    fn area(&self) -> f64;
    fn name(&self) -> String;
}

struct Circle(f64);
struct Rectangle {
    width: f64,
    height: f64,
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        std::f64::consts::PI * self.0 * self.0
    }
    fn name(&self) -> String {
        format!("circle of {}", self.0)
    }
}

impl Shape for Rectangle {
    fn area(&self) -> f64 {
        self.width * self.height
    }
    fn name(&self) -> String {
        format!("{} by {}", self.width, self.height)
    }
}

fn show<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    values.into_iter().map(|v| format!("<{v}>")).collect::<Vec<_>>().join(" ")
}

fn collatz(limit: u64) -> (u64, u32) {
    let mut known: HashMap<u64, u32> = HashMap::new();
    let mut best = (1, 0);
    for start in 1..limit {
        let (mut n, mut steps) = (start, 0);
        while n != 1 {
            if let Some(rest) = known.get(&n) {
                steps += rest;
                break;
            }
            n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
            steps += 1;
        }
        known.insert(start, steps);
        if steps > best.1 {
            best = (start, steps);
        }
    }
    best
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{arguments:?} {:?}", std::env::var("GREETING"));

    let mut lengths: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for line in std::io::stdin().lock().lines() {
        for word in line?.split_whitespace() {
            lengths.entry(word.chars().count()).or_default().push(word.to_uppercase());
        }
    }
    for (length, mut words) in lengths.clone() {
        words.sort();
        words.dedup();
        println!("{length:>3} {}", show(words.iter().take(6)));
    }

    let shapes: Vec<Box<dyn Shape>> =
        vec![Box::new(Circle(1.5)), Box::new(Rectangle { width: 2.0, height: 3.25 })];
    for shape in &shapes {
        println!("{}: {:.6}", shape.name(), shape.area());
    }
    println!("{:?}", collatz(200_000));
    println!("{:?} {:?}", u128::MAX, i128::MIN / 7);
    println!("{:?} {:e} {:?}", 0.1f32 + 0.2f32, 1234.5e300, "1e-7".parse::<f64>());

    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(20));

    std::fs::create_dir_all("/work/a/b/c")?;
    let mut file = std::fs::File::create("/work/a/b/c/lengths.txt")?;
    for (length, words) in &lengths {
        writeln!(file, "{length} {}", words.len())?;
    }
    drop(file);
    println!("{}", std::fs::read_to_string("/work/a/b/c/lengths.txt")?.lines().count());
    std::fs::copy("/work/a/b/c/lengths.txt", "/work/copy.txt")?;
    let mut names: Vec<_> = std::fs::read_dir("/work")?
        .map(|entry| entry.map(|e| e.file_name().into_string().unwrap()))
        .collect::<Result<_, _>>()?;
    names.sort();
    println!("{names:?} {:?}", std::fs::metadata("/work/copy.txt")?.is_file());
    match std::fs::read_to_string("/work/missing") {
        Ok(_) => println!("what?"),
        Err(error) => println!("{:?}", error.kind()),
    }
    std::io::stdout().flush()?;
    if arguments.first().is_some_and(|a| a == "panic") {
        let index = arguments.len() + 10;
        println!("{}", arguments[index]);
    }
    std::process::exit(arguments.len() as i32 + 40);
}
