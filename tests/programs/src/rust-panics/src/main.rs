//! Panics that unwind: caught, passed on, with every kind of payload and through destructors.

use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::{env, process};

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Guard(String);

impl Drop for Guard {
    fn drop(&mut self) {
        let how = if std::thread::panicking() { "unwound" } else { "dropped" };
        LOG.lock().unwrap().push(format!("{} {how}", self.0));
    }
}

#[derive(Debug, PartialEq)]
struct Payload {
    code: i64,
    ratio: f64,
    words: Vec<String>,
}

#[inline(never)]
fn descend(depth: u32, limit: u32, words: &mut Vec<String>) -> u64 {
    let _guard = (depth % 10 == 0).then(|| Guard(format!("level {depth}")));
    words.push(depth.to_string());
    if depth == limit {
        match limit % 4 {
            0 => panic!("at the bottom of {limit}"),
            1 => resume_unwind(Box::new(Payload { code: -7, ratio: 2.5, words: words.clone() })),
            2 => drop(words[limit as usize + 100].clone()),
            _ => panic!("literal"),
        }
    }
    descend(depth + 1, limit, words).wrapping_mul(31) + words.len() as u64
}

fn describe(payload: Box<dyn std::any::Any + Send>) -> String {
    match payload.downcast::<Payload>() {
        Ok(payload) => {
            format!("Payload {} {} {}", payload.code, payload.ratio, payload.words.join(",").len())
        }
        Err(other) => match other.downcast::<String>() {
            Ok(text) => format!("String {text}"),
            Err(other) => format!("&str {}", other.downcast::<&str>().map_or("?", |text| *text)),
        },
    }
}

fn drain() -> String {
    std::mem::take(&mut *LOG.lock().unwrap()).join("; ")
}

fn main() {
    for limit in [0, 1, 2, 3, 40, 301, 1002] {
        let mut words = Vec::new();
        let caught = catch_unwind(AssertUnwindSafe(|| descend(0, limit, &mut words))).unwrap_err();
        println!("{limit}: {}; {} words; {}", describe(caught), words.len(), drain().len());
    }

    let nested = catch_unwind(|| {
        let _outer = Guard("outer".into());
        let inner = catch_unwind(|| {
            let _inner = Guard("inner".into());
            [1, 2, 3].iter().map(|n| 10 / (n - 2)).sum::<i32>()
        });
        println!("inner: {}", describe(inner.unwrap_err()));
        None::<u32>.expect("nothing here")
    });
    println!("nested: {}; {}", describe(nested.unwrap_err()), drain());

    let mut sorted = vec![3, 1, 2, 9, 4];
    let result = catch_unwind(AssertUnwindSafe(|| {
        sorted.sort_by(|a, b| if *a == 9 || *b == 9 { panic!("compare") } else { a.cmp(b) });
    }));
    sorted.sort();
    println!("sort: {}; {sorted:?}", describe(result.unwrap_err()));

    let poisoned = Mutex::new(5);
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _locked = poisoned.lock().unwrap();
        panic!("while locked");
    }));
    println!("poisoned: {} {}", poisoned.is_poisoned(), poisoned.lock().unwrap_err().into_inner());

    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let mut sum = 0_u64;
    for n in 0..20_000_u64 {
        sum += catch_unwind(move || if n % 3 == 0 { panic!("{n}") } else { n }).unwrap_or(1);
    }
    panic::set_hook(hook);
    println!("sum {sum}");

    match env::args().nth(1).as_deref() {
        Some("exit") => process::exit(9),
        _ => panic!("nobody catches this"),
    }
}
