// args: one "two words" ""
// env: KEY=value EMPTY= SPACES=a%20b
// stdin: first line|second|last
// Arguments, environment, streams, clocks and the end of a process through Rust's library.
use std::collections::HashMap;
use std::env::{self, VarError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

fn main() {
    println!("{:?}", env::args().skip(1).collect::<Vec<_>>());
    println!("{:?} {:?} {:?}", env::var("KEY"), env::var("EMPTY"), env::var("SPACES"));
    println!("{:?}", env::var("NONE") == Err(VarError::NotPresent));
    let mut variables: Vec<_> = env::vars().collect();
    variables.sort();
    println!("{variables:?}");
    // SAFETY: there is one thread.
    unsafe { env::set_var("NEW", "set by the program") };
    println!("{:?}", env::var("NEW"));

    let mut input = io::stdin().lock();
    let mut line = String::new();
    println!("{:?} {line:?}", input.read_line(&mut line));
    let mut rest = String::new();
    println!("{:?} {rest:?}", input.read_to_string(&mut rest));
    println!("{:?}", input.read_line(&mut line));
    println!("{} {}", io::stdin().is_terminal(), io::stdout().is_terminal());
    eprintln!("to standard error");

    let (start, wall) = (Instant::now(), SystemTime::now());
    thread::sleep(Duration::from_millis(30));
    let (took, wall) = (start.elapsed(), wall.elapsed());
    println!("slept {}", took >= Duration::from_millis(30) && took < Duration::from_secs(10));
    println!("the other clock too {}", wall.is_ok_and(|wall| wall >= Duration::from_millis(29)));
    let year = 365 * 24 * 3600;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(|now| now.as_secs() / year);
    println!("this century {}", now.is_ok_and(|years| years > 50));
    thread::sleep(Duration::ZERO);
    thread::yield_now();

    // Maps are seeded by chance.
    let seeds: HashMap<_, _> = (0..20).map(|i| (RandomState::new().hash_one(i), i)).collect();
    println!("{}", seeds.len());
    println!("{:?}", env::current_dir());

    let mut output = io::stdout().lock();
    output.write_all(&b"many bytes ".repeat(20_000)).unwrap();
    output.flush().unwrap();
    print!("and no newline at the end");
    drop(output);
    process::exit(77);
}
