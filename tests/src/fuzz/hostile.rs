//! Modules that ask for more than they should get: each must be refused with a clear message, or
//! become a program that does what the module says.

use std::fmt::Write as _;

use super::sections::{self, Section, leb};

/// What must become of a module.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// It is refused; these words are in the message.
    Refused(&'static str),
    /// It is compiled, and the program ends with this exit code.
    Exits(i32),
}

use Expected::{Exits, Refused};

/// The exit code of a program that traps.
const TRAPS: i32 = wasm_aot_abi::trap::TRAP_EXIT_CODE;

/// A module, made when it is needed.
pub struct Hostile {
    pub name: &'static str,
    pub expected: Expected,
    make: fn() -> Vec<u8>,
}

impl Hostile {
    pub fn wasm(&self) -> Vec<u8> {
        (self.make)()
    }
}

macro_rules! hostile {
    ($($name:literal, $expected:expr, $make:expr;)*) => {
        pub const ALL: &[Hostile] = &[$(Hostile { name: $name, expected: $expected, make: $make }),*];
    };
}

hostile! {
    "4 billion locals", Refused("too many locals"), || body(&[&[1][..], &leb(u32::MAX, 5), &[0x7f, 0x0b]].concat());
    "4 billion locals in two groups", Refused("too many locals"), || {
        body(&[&[2][..], &leb(1 << 31, 5), &[0x7f], &leb(1 << 31, 5), &[0x7e, 0x0b]].concat())
    };
    "4 billion groups of locals", Refused("invalid"), || body(&[&leb(u32::MAX, 5)[..], &[0x0b]].concat());
    "50000 locals", Exits(0), || text(&format!(
        "(func (export \"_start\") (local{}) (local.set 49999 (i64.const 1)))", " i64".repeat(50_000)
    ));
    "deep recursion with a frame larger than a page", Exits(TRAPS), deep_frames;
    "endless recursion", Exits(TRAPS), || text("(func $f (export \"_start\") (call $f) (call $f))");
    "a table of 2^32 - 1", Refused("too large"), || text("(table 4294967295 funcref)");
    "a table of 10 million, empty", Exits(TRAPS), || text(
        "(table 10000000 funcref) (func (export \"_start\") (call_indirect (i32.const 9999999)))"
    );
    "a table of 10 million, written", Exits(0), || text(
        "(table $t 10000000 funcref) (elem declare func $f) (func $f)
         (func (export \"_start\") (table.set $t (i32.const 9999999) (ref.func $f))
           (call_indirect (i32.const 9999999)))"
    );
    "a table that grows without end", Exits(0), || text(
        "(table $t 0 externref) (func (export \"_start\")
           (loop (br_if 0 (i32.ne (i32.const -1) (table.grow $t (ref.null extern) (i32.const 1000000))))))"
    );
    "a memory of 65536 pages", Exits(0), || text(
        "(memory 65536) (func (export \"_start\") (i32.store (i32.const 0xfffffffc) (i32.const 7))
           (if (i32.ne (i32.const 7) (i32.load (i32.const 0xfffffffc))) (then unreachable)))"
    );
    "a memory of 65537 pages", Refused("memory size"), || text("(memory 65537)");
    "a memory that grows without end", Exits(0), || text(
        "(memory 0) (func (export \"_start\")
           (loop (br_if 0 (i32.ne (i32.const -1) (memory.grow (i32.const 1000)))))
           (if (i32.lt_u (memory.size) (i32.const 64000)) (then unreachable)))"
    );
    "data at the end of 4 GiB", Exits(0), || text(
        "(memory 65536) (data (i32.const 0xffffffff) \"x\") (func (export \"_start\")
           (if (i32.ne (i32.const 120) (i32.load8_u (i32.const 0xffffffff))) (then unreachable)))"
    );
    "data beyond 4 GiB", Exits(TRAPS), || text("(memory 65536) (data (i32.const 0xffffffff) \"xy\")");
    "the largest offset", Exits(TRAPS), || text(
        "(memory 65536) (func (export \"_start\") (drop (i64.load offset=0xffffffff (i32.const -1))))"
    );
    "100000 nested blocks", Exits(0), || nested("block", "end", 100_000);
    "100000 nested loops", Exits(0), || nested("loop", "end", 100_000);
    "100000 nested ifs", Exits(0), || nested("i32.const 1 if", "else unreachable end", 100_000);
    "150 nested loops, each changing 150 locals", Exits(0), || text(&format!(
        "(func (export \"_start\") (local{}) {} {})", " i32".repeat(150),
        format!("loop {}", (0..150).map(|local| format!(
            "(local.set {local} (i32.add (local.get {local}) (local.get {}))) ", (local + 7) % 150
        )).collect::<String>()).repeat(150),
        "(br_if 0 (local.get 0)) end ".repeat(150)
    ));
    "100 br_tables with 65520 targets", Exits(0), || text(&br_table(65_520).repeat(100).replacen(
        "(export \"_start\")", "", 99
    ));
    "200000 calls", Exits(0), || text(&format!(
        "(func $f (param i64) (result i64) (local.get 0))
         (func (export \"_start\") (i64.const 1) {} drop)", "(call $f) ".repeat(200_000)
    ));
    "100000 additions, nested to the right", Exits(0), || text(&format!(
        "(func $f (param i32) (result i32) {} {}) (func (export \"_start\") (call $f (i32.const 1)) drop)",
        "local.get 0 ".repeat(100_001), "i32.add ".repeat(100_000)
    ));
    "100000 additions, nested to the left", Exits(0), || text(&format!(
        "(func $f (param i32) (result i32) local.get 0 {}) (func (export \"_start\") (call $f (i32.const 1)) drop)",
        "local.get 0 i32.mul local.get 0 i32.add ".repeat(50_000)
    ));
    "100000 loads and stores", Exits(0), || text(&format!(
        "(memory 1) (func (export \"_start\") {})", "(i32.store (i32.const 8) (i32.load (i32.const 4)))".repeat(100_000)
    ));
    "a br_table with 65520 targets", Exits(0), || text(&br_table(65_520));
    "a br_table with 1000000 targets", Exits(0), || text(&br_table(1_000_000));
    "a br_table with 2^32 - 1 targets", Refused("br_table"), || {
        body(&[&[0, 0x41, 0, 0x0e][..], &leb(u32::MAX, 5), &[0x0b]].concat())
    };
    "50000 parameters", Refused("param"), || text(&format!("(func (param{}))", " i32".repeat(50_000)));
    "1000 parameters and results", Exits(0), many_values;
    "1001 results", Refused("return"), || {
        text(&format!("(func (result{}) unreachable)", " i32".repeat(1001)))
    };
    "a function of 8 MB", Refused("size"), || body(&[&[0][..], &vec![1; 8_000_000], &[0x0b]].concat());
    "a function of 7 MB", Exits(0), || body(&[&[0][..], &vec![1; 7_000_000], &[0x0b]].concat());
    "100000 functions", Exits(0), || text(&format!(
        "{} (func (export \"_start\") (call 0) (call 99999))", "(func)".repeat(100_000)
    ));
    "1000001 functions", Refused("functions"), || {
        sections::join(&[section(1, b"\x01\x60\0\0"), section(3, &[&leb(1_000_001, 1)[..], &vec![0; 1_000_001]].concat())], 1)
    };
    "100000 globals", Exits(0), || text(&format!(
        "{} (func (export \"_start\") (global.set 99999 (global.get 0)))", "(global (mut i64) (i64.const 1))".repeat(100_000)
    ));
    "10000 imports that nobody provides", Refused("env"), || {
        let imports = (0..10_000).fold(String::new(), |mut text, number| {
            _ = write!(text, "(import \"env\" \"f{number}\" (func))");
            text
        });
        text(&imports)
    };
    "10000 segments", Exits(0), || text(&format!(
        "(memory 1) (table 10 funcref) (func $f (export \"_start\") (drop (i32.const 0))) {} {}",
        "(data (i32.const 7) \"x\")".repeat(10_000), "(elem (i32.const 3) $f)".repeat(10_000)
    ));
    "a constant expression with 100000 operators", Exits(0), || text(&format!(
        "(global i32 (i32.const 1) {}) (func (export \"_start\") (if (i32.ne (global.get 0) (i32.const 100001)) (then unreachable)))",
        "(i32.const 1) i32.add ".repeat(100_000)
    ));
    "a name of 100 KB", Exits(0), || text(&format!(
        "(func (export \"{}\")) (func (export \"_start\") (call 0))", "long ".repeat(20_000)
    ));
    "a name with NUL, newlines and a quote", Exits(0), || text(
        "(func $f (@name \"a\\00b\\nc\\\"d\\u{202e}\") (export \"\\00\\n\\22\")) (func (export \"_start\") (call $f))"
    );
    "names that are not UTF-8", Refused("UTF-8"), || {
        sections::join(&[section(1, b"\x01\x60\0\0"), section(3, b"\x01\0"), section(7, b"\x01\x02\xff\xfe\0\0"), section(10, b"\x01\x02\0\x0b")], 1)
    };
    "2^32 - 1 types", Refused("invalid"), || counted(1);
    "2^32 - 1 imports", Refused("invalid"), || counted(2);
    "2^32 - 1 functions", Refused("functions"), || counted(3);
    "2^32 - 1 tables", Refused("invalid"), || counted(4);
    "2^32 - 1 memories", Refused("invalid"), || counted(5);
    "2^32 - 1 globals", Refused("invalid"), || counted(6);
    "2^32 - 1 exports", Refused("invalid"), || counted(7);
    "2^32 - 1 element segments", Refused("invalid"), || counted(9);
    "2^32 - 1 bodies", Refused("invalid"), || counted(10);
    "2^32 - 1 data segments", Refused("invalid"), || counted(11);
    "2^32 - 1 data segments announced", Refused("invalid"), || sections::join(&[section(12, &leb(u32::MAX, 5))], 1);
    "2^32 - 1 elements", Refused("invalid"), || sections::join(&[
        section(4, b"\x01\x70\0\x01"), section(9, &[b"\x01\0\x41\0\x0b", &leb(u32::MAX, 5)[..]].concat()),
    ], 1);
    "2^32 - 1 function names", Exits(0), || {
        let names = [b"\x04name\x01\x05", &leb(u32::MAX, 5)[..]].concat();
        [text("(func (export \"_start\"))"), sections::join(&[section(0, &names)], 1)[8..].to_vec()].concat()
    };
    "a name for function 2^32 - 1", Exits(0), || {
        let names = [b"\x04name\x01\x08\x01", &leb(u32::MAX, 5)[..], b"\x01x"].concat();
        [text("(func (export \"_start\"))"), sections::join(&[section(0, &names)], 1)[8..].to_vec()].concat()
    };
    "a section of 4 GiB", Refused("invalid"), || [sections::HEADER, &[1], &leb(u32::MAX, 5)].concat();
    "nothing", Refused("invalid"), Vec::new;
    "a component", Refused("component"), || b"\0asm\x0d\0\x01\0".to_vec();
    "text", Refused("invalid"), || b"(module)".to_vec();
}

/// A module in text, which may be invalid: wat doesn't validate.
fn text(fields: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {fields})")).expect("the text is right")
}

fn section(id: u8, contents: &[u8]) -> Section {
    Section { id, contents: contents.to_vec() }
}

/// A section that announces entries and has none.
fn counted(id: u8) -> Vec<u8> {
    sections::join(&[section(id, &leb(u32::MAX, 5))], 1)
}

/// A module with one function, exported as `_start`; locals and code are given.
fn body(body: &[u8]) -> Vec<u8> {
    let code = [&[1][..], &leb(body.len() as u32, 1), body].concat();
    sections::join(
        &[
            section(1, b"\x01\x60\0\0"),
            section(3, b"\x01\0"),
            section(7, b"\x01\x06_start\0\0"),
            section(10, &code),
        ],
        1,
    )
}

fn nested(open: &str, close: &str, depth: usize) -> Vec<u8> {
    let (open, close) = (format!("{open} ").repeat(depth), format!("{close} ").repeat(depth));
    text(&format!("(func (export \"_start\") {open} nop {close})"))
}

fn br_table(targets: usize) -> String {
    format!(
        "(func (export \"_start\") (block (block i32.const 60000 br_table {} 1) unreachable))",
        "1 ".repeat(targets)
    )
}

/// Calls a function with 1000 parameters, which returns them.
fn many_values() -> Vec<u8> {
    let types = " i64".repeat(1000);
    let get = (0..1000).fold(String::new(), |mut text, index| {
        _ = write!(text, "local.get {index} ");
        text
    });
    let give = (0..1000).fold(String::new(), |mut text, index| {
        _ = write!(text, "i64.const {index} ");
        text
    });
    text(&format!(
        "(func $f (param{types}) (result{types}) {get})
         (func (export \"_start\") {give} call $f i64.const 999 i64.ne if unreachable end {})",
        "drop ".repeat(999)
    ))
}

/// Recurses without end, with 3000 values alive across the call: a frame of several pages, which
/// must not step over the stack's guard.
fn deep_frames() -> Vec<u8> {
    let mut code = String::new();
    for index in 1..=3000 {
        _ = write!(code, "(local.set {index} (i64.mul (local.get 0) (i64.const {index})))");
    }
    code.push_str("(local.set 0 (call $f (i64.add (local.get 0) (i64.const 1))))");
    for index in 1..=3000 {
        _ = write!(code, "(local.set 0 (i64.xor (local.get 0) (local.get {index})))");
    }
    text(&format!(
        "(func $f (param i64) (result i64) (local{}) {code} local.get 0)
         (func (export \"_start\") (drop (call $f (i64.const 1))))",
        " i64".repeat(3000)
    ))
}
