//! Modules with loops over memories, for what the compiler proves of addresses in them: counters that go up, down and around 2^32,
//! from constants and from parameters; tests for each comparison; indices that are sums of these, also such that wrap, with
//! offsets near the ends of what there is; memories that are small, that grow, and that are as large as their maximum.

use std::fmt::Write as _;

use super::generate::{FUEL, REFUEL};
use super::random::Random;

/// Rounds of all loops of a call.
const ROUNDS: u32 = 2000;

/// Locals of 32 bits, of which the first two are parameters: pointers and sums.
const PARAMETERS: usize = 2;
/// The locals that are counters begin here, then come those that aren't.
const COUNTERS: usize = PARAMETERS;
const MOST_COUNTERS: usize = 8;
const OTHERS: usize = COUNTERS + MOST_COUNTERS;
const LOCALS: usize = OTHERS + 4;

/// A module with loops.
pub fn module(random: &mut Random) -> Vec<u8> {
    let pages = 1 + random.below(3);
    let most = pages + random.below(2);
    let mut text = format!("(module (memory (export \"2 0\") {pages} {most})\n");
    let _ = writeln!(text, "(data (i32.const 0) \"{}\")", data(random, 600));
    let _ = writeln!(text, "(data (i32.const {}) \"{}\")", pages * 65536 - 600, data(random, 600));
    let _ = writeln!(text, "(global $fuel (export \"{FUEL}\") (mut i32) (i32.const {ROUNDS}))");
    let _ = writeln!(text, "(func (export \"{REFUEL}\") (global.set $fuel (i32.const {ROUNDS})))");
    for function in 0..2 + random.below(4) {
        let mut writer = Writer { text: String::new(), random, pages, counters: 0, budget: 14 };
        writer.statements(0);
        let _ = writeln!(text, "(func (export \"0 {function}\") (param i32 i32) (result i32)");
        let _ = writeln!(text, "(local {})", "i32 ".repeat(LOCALS - PARAMETERS));
        text += &writer.text;
        let sum = (OTHERS..LOCALS).map(|local| format!("(local.get {local})"));
        let sum = sum.reduce(|sum, local| format!("(i32.add {sum} {local})")).expect("there are some");
        let _ = writeln!(text, "{sum})");
    }
    text.push(')');
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn data(random: &mut Random, bytes: usize) -> String {
    random.bytes(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

struct Writer<'r> {
    text: String,
    random: &'r mut Random,
    pages: usize,
    /// How many counters there are, of the loops around.
    counters: usize,
    /// How many more statements.
    budget: usize,
}

impl Writer<'_> {
    fn statements(&mut self, depth: usize) {
        for _ in 0..1 + self.random.below(4) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            match self.random.below(8) {
                0..=2 if depth < 3 && self.counters + 2 <= MOST_COUNTERS => self.a_loop(depth),
                3 => self.branch(depth),
                4 => {
                    let (local, value) = (self.other(), self.index(2));
                    let _ = writeln!(self.text, "(local.set {local} {value})");
                }
                5 => self.store(),
                _ => self.load(),
            }
        }
    }

    /// A loop with one or two counters, tested at the end or at the beginning.
    fn a_loop(&mut self, depth: usize) {
        let first = self.counters;
        let count = 1 + self.random.below(2);
        let step: i64 = *self.random.choose(&[1, 1, 2, 4, 4, 8, 16, 40, -1, -1, -4, -8, 65536, -65535]);
        let rounds = *self.random.choose(&[1, 2, 3, 7, 16, 100]);
        let start = match self.random.below(6) {
            0 => Some(0),
            1 => Some(-step * rounds),
            2 => Some(0x1_0000 * self.pages as i64 - step.abs() * rounds),
            3 => Some(*self.random.choose(&[1, 4, 100, -1, -4, -8, 0x7fff_fff8, 0x8000_0000, 0xffff_ff00])),
            4 => Some(self.random.below(60_000) as i64),
            _ => None,
        };
        self.set_counter(first, start);
        for other in 1..count {
            let start = self.random.below(2) * self.random.below(65536);
            let start = (self.random.below(4) != 0).then_some(start as i64);
            self.set_counter(first + other, start);
        }
        self.counters += count;
        let _ = writeln!(self.text, "(block $exit{depth} (loop $next{depth}");
        // It is about rounds that are sure to end, too.
        let _ = writeln!(self.text, "(br_if $exit{depth} (i32.eqz (global.get $fuel)))");
        let _ = writeln!(self.text, "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))");
        let early = self.random.below(4) == 0;
        let end = start.map(|start| start + step * rounds);
        if early {
            let test = self.test(first, end, step);
            let _ = writeln!(self.text, "(br_if $exit{depth} (i32.eqz {test}))");
        }
        self.statements(depth + 1);
        for other in 1..count {
            let step = *self.random.choose(&[1, 4, 8, 12, -1, -4, -8, 64, 0x1_0000]);
            self.step(first + other, step);
        }
        self.step(first, step);
        if early {
            let _ = writeln!(self.text, "(br $next{depth})");
        } else {
            let test = self.test(first, end, step);
            let _ = writeln!(self.text, "(br_if $next{depth} {test})");
        }
        self.text += "))\n";
        self.counters -= count;
    }

    fn set_counter(&mut self, counter: usize, start: Option<i64>) {
        let start = match start {
            Some(start) => format!("(i32.const {})", start as u32),
            None => self.index(1),
        };
        let _ = writeln!(self.text, "(local.set {} {start})", COUNTERS + counter);
    }

    fn step(&mut self, counter: usize, step: i64) {
        let counter = COUNTERS + counter;
        let _ = writeln!(
            self.text,
            "(local.set {counter} (i32.add (local.get {counter}) (i32.const {})))",
            step as u32
        );
    }

    /// Whether the loop goes on: mostly until the counter is at the end.
    fn test(&mut self, counter: usize, end: Option<i64>, step: i64) -> String {
        let counter = format!("(local.get {})", COUNTERS + counter);
        let end = match (end, self.random.below(8)) {
            (_, 0) | (None, 1..=3) => self.index(1),
            (None, _) => format!("(i32.const {})", self.random.below(70_000)),
            (Some(end), near) => {
                format!("(i32.const {})", (end + i64::from(near == 1) - i64::from(near == 2)) as u32)
            }
        };
        let comparison = match self.random.below(3) {
            0 => "ne",
            _ if step > 0 => *self.random.choose(&["lt_u", "lt_s", "le_u", "le_s", "ne"]),
            _ => *self.random.choose(&["gt_u", "gt_s", "ge_u", "ge_s", "ne"]),
        };
        match self.random.below(3) {
            0 if end == "(i32.const 0)" && comparison == "ne" => counter,
            1 => {
                let swapped = match comparison.split_once('_') {
                    Some(("lt", sign)) => format!("gt_{sign}"),
                    Some(("le", sign)) => format!("ge_{sign}"),
                    Some(("gt", sign)) => format!("lt_{sign}"),
                    Some(("ge", sign)) => format!("le_{sign}"),
                    _ => comparison.to_owned(),
                };
                format!("(i32.{swapped} {end} {counter})")
            }
            _ => format!("(i32.{comparison} {counter} {end})"),
        }
    }

    fn branch(&mut self, depth: usize) {
        let condition = self.index(1);
        let _ = writeln!(self.text, "(if (i32.and {condition} (i32.const 4)) (then");
        self.statements(depth);
        self.text += "))\n";
    }

    fn other(&mut self) -> usize {
        OTHERS + self.random.below(LOCALS - OTHERS)
    }

    fn local(&mut self) -> usize {
        match self.random.below(8) {
            0..=4 if self.counters > 0 => COUNTERS + self.random.below(self.counters),
            5 => self.random.below(PARAMETERS),
            _ => self.other(),
        }
    }

    /// An index, which is mostly within the memory.
    fn index(&mut self, depth: usize) -> String {
        let local = self.local();
        let value = format!("(local.get {local})");
        if depth == 0 {
            return value;
        }
        let constant = match self.random.below(4) {
            0 => *self.random.choose(&[4, 8, 12, 40, 5120, 65528]),
            1 => *self.random.choose(&[-1, -4, -8, -5120, -65536, 0x7fff_ffff, 0x8000_0000]),
            _ => self.random.below(60_000) as i64,
        } as u32;
        match self.random.below(12) {
            0..=3 => format!("(i32.add {} (i32.const {constant}))", self.index(depth - 1)),
            4..=6 => format!("(i32.add {} {})", self.index(depth - 1), self.index(depth - 1)),
            7 => format!("(i32.shl {} (i32.const {}))", self.index(depth - 1), self.random.below(4)),
            8 => {
                let mask = *self.random.choose(&[255, 0xfff, 0xfff8, 0x1_fffc, 0xffff_fffc_u32]);
                format!("(i32.and {} (i32.const {mask}))", self.index(depth - 1))
            }
            9 => format!("(i32.load8_u (i32.and {} (i32.const 0xffff)))", self.index(depth - 1)),
            10 => format!("(i32.mul {value} (i32.const {}))", self.random.below(700)),
            _ => value,
        }
    }

    fn offset(&mut self) -> u32 {
        match self.random.below(16) {
            0..=8 => 0,
            9..=13 => *self.random.choose(&[1, 4, 8, 60, 1024]),
            14 => self.random.below(65536) as u32,
            _ => *self.random.choose(&[65535, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0xffff_fff0, u32::MAX]),
        }
    }

    /// An index whose accesses trap seldom, or just any.
    fn accessed(&mut self) -> String {
        let index = self.index(3);
        match self.random.below(6) {
            0..=1 => format!("(i32.and {index} (i32.const 0xfffc))"),
            2 => format!(
                "(i32.add (i32.and {index} (i32.const 0x3ffc)) (i32.const {}))",
                self.random.below(40_000)
            ),
            _ => index,
        }
    }

    /// Loads, often several from near places.
    fn load(&mut self) {
        let (local, index) = (self.other(), self.accessed());
        let op = *self.random.choose(&["load", "load", "load8_u", "load8_s", "load16_u", "load16_s"]);
        let mut offset = self.offset();
        let mut value = format!("(i32.{op} offset={offset} {index})");
        for _ in 0..self.random.below(3) {
            if self.random.below(2) == 0 {
                offset = self.offset();
            }
            let near = *self.random.choose(&[4_i64, 8, -4, 16, 65528, 65536, 5120]) as u32;
            let other = format!("(i32.load offset={offset} (i32.add {index} (i32.const {near})))");
            value = format!("(i32.add (i32.mul {value} (i32.const 31)) {other})");
        }
        let _ = writeln!(self.text, "(local.set {local} (i32.xor (local.get {local}) {value}))");
    }

    fn store(&mut self) {
        let (index, offset, local) = (self.accessed(), self.offset(), self.local());
        let op = *self.random.choose(&["store", "store", "store8", "store16"]);
        let _ = writeln!(self.text, "(i32.{op} offset={offset} {index} (local.get {local}))");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_valid_and_always_the_same() {
        for seed in 0..200 {
            let wasm = module(&mut Random::new(5, seed));
            assert_eq!(wasm, module(&mut Random::new(5, seed)));
            assert!(wasm_aot::parse::parse(&wasm, wasm_aot::parse::features::SUPPORTED).is_ok());
        }
    }
}
