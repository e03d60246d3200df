//! Attacks on the bounds of memories and tables, as `.wast` files: every width of access, at static
//! offsets and indices at which an address computation could wrap or be cut short, for every kind of
//! memory, before and after growing. The expected results are computed here in 128 bits.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

const OUT_OF_BOUNDS: &str = "out of bounds memory access";

/// A kind of memory.
#[derive(Clone, Copy)]
struct Kind {
    wide: bool,
    /// Bytes of a page: 1 or 65536.
    page: u64,
    /// Sizes in pages: at first, and after growing, if it grows.
    pages: (u64, Option<u64>),
    /// It isn't the first memory of the program, which has an address of its own.
    second: bool,
    shared: bool,
    /// Vectors are accessed, and nothing else: not every CPU has them.
    simd: bool,
}

impl Kind {
    fn name(&self) -> String {
        let mut name = format!("memory{}-page{}", if self.wide { 64 } else { 32 }, self.page);
        for (is, word) in [
            (self.pages.1.is_some(), "-grows"),
            (self.second, "-second"),
            (self.shared, "-shared"),
            (self.simd, "-simd"),
        ] {
            if is {
                name.push_str(word);
            }
        }
        name
    }

    fn index(&self) -> &'static str {
        if self.wide { "i64" } else { "i32" }
    }

    /// Widths of the accesses: the edges will do for what differs only in how the memory is found.
    fn widths(&self) -> &'static [u64] {
        match self {
            Kind { simd: true, .. } => &[16],
            Kind { second: true, .. } | Kind { shared: true, .. } | Kind { pages: (0, _), .. } => &[1, 8],
            _ => &[1, 2, 4, 8],
        }
    }

    /// One more than the largest index.
    fn span(&self) -> u128 {
        1 << if self.wide { 64 } else { 32 }
    }
}

/// The files: name and text.
pub fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for wide in [false, true] {
        // Memories of pages of one byte end inside a page of the system.
        for (page, before, after) in [(65536, 1, 3), (1, 70_001, 140_003)] {
            let kind = Kind { wide, page, pages: (before, None), second: false, shared: false, simd: false };
            let grows = Kind { pages: (before, Some(after)), ..kind };
            let from_nothing = Kind { pages: (0, Some(after)), ..kind };
            let second = Kind { second: true, ..grows };
            let shared = Kind { shared: true, ..grows };
            let simd = Kind { simd: true, ..grows };
            for kind in [kind, grows, second, shared, simd] {
                files.push((kind.name(), memory(kind)));
            }
            files.push((format!("{}-from-nothing", kind.name()), memory(from_nothing)));
        }
        files.push((format!("table{}", if wide { 64 } else { 32 }), table(wide)));
    }
    files
}

fn offsets(wide: bool) -> Vec<u64> {
    let narrow = [0, 1, 7, 0xffff, 0x1_0000, (1 << 30) - 1, 1 << 30, (1 << 30) + 1];
    let large = [(1 << 31) - 1, 1 << 31, (1 << 32) - 8, (1 << 32) - 1];
    let wider = [1 << 32, (1 << 32) + 1, 1 << 47, 1 << 63, u64::MAX - 8, u64::MAX - 7, u64::MAX];
    let mut offsets = [&narrow[..], &large].concat();
    if wide {
        offsets.extend(wider);
    }
    offsets
}

/// Loads, stores and atomic additions: text of the operators by width. Vectors have no atomic ones.
fn operators(width: u64) -> Vec<(&'static str, String)> {
    let (load, store, rmw) = match width {
        16 => return vec![("load", "v128.load".to_owned()), ("store", "v128.store".to_owned())],
        8 => ("i64.load".to_owned(), "i64.store".to_owned(), "i64.atomic.rmw.add".to_owned()),
        _ => {
            let bits = width * 8;
            (format!("i64.load{bits}_u"), format!("i64.store{bits}"), format!("i64.atomic.rmw{bits}.add_u"))
        }
    };
    vec![("load", load), ("store", store), ("add", rmw)]
}

/// A file under construction, with a model of the memory.
struct Writer {
    text: String,
    kind: Kind,
    bytes: HashMap<u128, u8>,
    size: u128,
    stored: u64,
}

fn memory(kind: Kind) -> String {
    let mut writer = Writer {
        text: String::new(),
        kind,
        bytes: HashMap::new(),
        size: u128::from(kind.pages.0 * kind.page),
        stored: 0x0123_4567_89ab_cdef,
    };
    writer.module();
    writer.attack();
    if let Some(after) = kind.pages.1 {
        let (before, ty) = (kind.pages.0, kind.index());
        let too_many = kind.span() - 1;
        let grow = |pages| format!("(assert_return (invoke \"grow\" ({ty}.const {pages}))");
        _ = writeln!(writer.text, "{} ({ty}.const -1))", grow(too_many));
        _ = writeln!(writer.text, "{} ({ty}.const {before}))", grow(u128::from(after - before)));
        _ = writeln!(writer.text, "{} ({ty}.const -1))", grow(1));
        writer.size = u128::from(after * kind.page);
        writer.attack();
    }
    writer.text
}

impl Writer {
    fn module(&mut self) {
        let kind = self.kind;
        let (ty, memory) = (kind.index(), u32::from(kind.second));
        let other = if kind.second { "(memory 1)" } else { "" };
        let shared = if kind.shared { "shared" } else { "" };
        let (before, maximum) = (kind.pages.0, kind.pages.1.unwrap_or(kind.pages.0));
        _ = writeln!(
            self.text,
            "(module {other} (memory {} {before} {maximum} {shared} (pagesize {}))\n (data $data \"\\01\\02\\03\\04\")",
            if kind.wide { "i64" } else { "" },
            kind.page
        );
        if kind.pages.1.is_some() {
            _ = writeln!(
                self.text,
                " (func (export \"grow\") (param {ty}) (result {ty}) (memory.grow {memory} (local.get 0)))"
            );
        }
        for (name, params, operator) in [
            ("fill", format!("{ty} {ty}"), "memory.fill M (local.get 0) (i32.const 0xa5) (local.get 1)"),
            ("copy", format!("{ty} {ty} {ty}"), "memory.copy M M (local.get 0) (local.get 1) (local.get 2)"),
            (
                "init",
                format!("{ty} i32 i32"),
                "memory.init M $data (local.get 0) (local.get 1) (local.get 2)",
            ),
        ] {
            let operator = operator.replace('M', &memory.to_string());
            _ = writeln!(self.text, " (func (export \"{name}\") (param {params}) ({operator}))");
        }
        for &width in self.kind.widths() {
            for offset in offsets(kind.wide) {
                for (name, operator) in operators(width) {
                    let (params, operand, result) = match name {
                        "load" => (ty.to_owned(), "", "(result i64)"),
                        "store" if width == 16 => (format!("{ty} i64"), "(i64x2.splat (local.get 1))", ""),
                        "store" => (format!("{ty} i64"), "(local.get 1)", ""),
                        _ => (format!("{ty} i64"), "(local.get 1)", "(result i64)"),
                    };
                    let mut access = format!("({operator} {memory} offset={offset} (local.get 0) {operand})");
                    if operator == "v128.load" {
                        // The bytes that are first outside.
                        access = format!("(i64x2.extract_lane 1 {access})");
                    }
                    _ = writeln!(
                        self.text,
                        " (func (export \"{name}{width}+{offset}\") (param {params}) {result} {access})"
                    );
                }
            }
        }
        self.text.push_str(")\n");
    }

    fn attack(&mut self) {
        for &width in self.kind.widths() {
            for offset in offsets(self.kind.wide) {
                for index in self.indices(width, offset) {
                    self.accesses(width, offset, index);
                }
            }
        }
        self.ranges();
    }

    /// Indices at which an access may be inside by one byte, outside by one byte, or wrap around.
    fn indices(&self, width: u64, offset: u64) -> BTreeSet<u128> {
        let (size, span) = (self.size, self.kind.span());
        let last = size.saturating_sub(width.into());
        let mut ends = vec![0, 1, last.saturating_sub(1), last, last + 1, size.saturating_sub(1), size];
        ends.extend([size + 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1]);
        let mut indices: BTreeSet<u128> = ends.iter().copied().collect();
        // The effective address is one of these, exactly or modulo the index space.
        indices.extend(ends.iter().filter_map(|end| end.checked_sub(offset.into())));
        indices.extend(ends.iter().filter_map(|end| (end + span).checked_sub(offset.into())));
        indices.extend([span - 1, span - u128::from(width), span - u128::from(width) - 1, span / 2]);
        indices.retain(|index| *index < span);
        indices
    }

    fn assert(&mut self, call: &str, outcome: Result<Option<String>, &str>) {
        _ = match outcome {
            Ok(None) => writeln!(self.text, "(assert_return (invoke {call}))"),
            Ok(Some(value)) => writeln!(self.text, "(assert_return (invoke {call}) {value})"),
            Err(message) => writeln!(self.text, "(assert_trap (invoke {call}) \"{message}\")"),
        };
    }

    fn accesses(&mut self, width: u64, offset: u64, index: u128) {
        let ty = self.kind.index();
        let start = index + u128::from(offset);
        let inside = start + u128::from(width) <= self.size;
        let loaded = (0..width).fold(0, |value: u64, byte| {
            let at = start + u128::from(byte);
            // Of 16 bytes this leaves the last 8.
            let value = if byte % 8 == 0 { 0 } else { value };
            value | u64::from(self.bytes.get(&at).copied().unwrap_or(0)) << (8 * (byte % 8))
        });
        let result = |value: u64| Some(format!("(i64.const {value:#x})"));
        let suffix = format!("{width}+{offset}\" ({ty}.const {index:#x})");
        let outcome = if inside { Ok(result(loaded)) } else { Err(OUT_OF_BOUNDS) };
        self.assert(&format!("\"load{suffix}"), outcome);

        self.stored = self.stored.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let operand = format!("(i64.const {:#x})", self.stored);
        let aligned = start.is_multiple_of(width.into());
        let outcome = match (aligned, inside) {
            (false, _) => Err("unaligned atomic"),
            (_, false) => Err(OUT_OF_BOUNDS),
            _ => Ok(result(loaded)),
        };
        if width <= 8 {
            self.assert(&format!("\"add{suffix} {operand}"), outcome);
            if aligned && inside {
                self.set(start, &loaded.wrapping_add(self.stored).to_le_bytes()[..width as usize]);
            }
        }

        if width == 16 && start < self.size && !inside {
            // On some machines the first half is written before the second faults: see docs/limits.md.
            return;
        }
        self.stored = self.stored.rotate_left(17);
        let operand = format!("(i64.const {:#x})", self.stored);
        let outcome = if inside { Ok(None) } else { Err(OUT_OF_BOUNDS) };
        self.assert(&format!("\"store{suffix} {operand}"), outcome);
        if inside {
            let bytes = self.stored.to_le_bytes();
            self.set(start, &[bytes, bytes].concat()[..width as usize]);
        }
    }

    fn set(&mut self, start: u128, bytes: &[u8]) {
        for (at, byte) in (start..).zip(bytes) {
            self.bytes.insert(at, *byte);
        }
    }

    /// Bulk operations: of at most a few bytes if they are inside.
    fn ranges(&mut self) {
        let (size, span, ty) = (self.size, self.kind.span(), self.kind.index());
        let starts: BTreeSet<u128> =
            [0, size.saturating_sub(4), size.saturating_sub(1), size, size + 1, 1 << 32, span - 4, span - 1]
                .into_iter()
                .filter(|start| *start < span)
                .collect();
        let lengths: BTreeSet<u128> =
            [0, 1, 4, 5, size + 1, (1 << 32) - 1, 1 << 32, span - size, span - 4, span - 1]
                .into_iter()
                .filter(|length| *length < span)
                .collect();
        let outcome = |inside| if inside { Ok(None) } else { Err(OUT_OF_BOUNDS) };
        for &start in &starts {
            for &length in &lengths {
                let inside = start + length <= size;
                let arguments = format!("({ty}.const {start:#x}) ({ty}.const {length:#x})");
                self.assert(&format!("\"fill\" {arguments}"), outcome(inside));
                if inside {
                    self.set(start, &vec![0xa5; length as usize]);
                }
                // Onto itself: whatever is inside stays as it is.
                self.assert(&format!("\"copy\" ({ty}.const {start:#x}) {arguments}"), outcome(inside));
                let arguments = format!("({ty}.const 0) {arguments}");
                self.assert(&format!("\"copy\" {arguments}"), outcome(inside && length <= size));
                if inside {
                    let copied: Vec<u8> =
                        (start..start + length).map(|at| self.bytes.get(&at).copied().unwrap_or(0)).collect();
                    self.set(0, &copied);
                }
                if length < 1 << 32 {
                    for source in [0, 3, 4, u32::MAX] {
                        let inside = inside && u128::from(source) + length <= 4;
                        let arguments =
                            format!("({ty}.const {start:#x}) (i32.const {source}) (i32.const {length:#x})");
                        self.assert(&format!("\"init\" {arguments}"), outcome(inside));
                        if inside {
                            let source = source as usize;
                            self.set(start, &[1, 2, 3, 4][source..source + length as usize]);
                        }
                    }
                }
            }
        }
    }
}

/// A table of 10 elements, which grows to 20, of which the even ones are functions at first.
fn table(wide: bool) -> String {
    const MESSAGE: &str = "out of bounds table access";
    let ty = if wide { "i64" } else { "i32" };
    let span: u128 = 1 << if wide { 64 } else { 32 };
    let mut text = format!(
        "(module (table {wide} 10 20 funcref) (table $read {wide} 10 20 funcref) (type $t (func (result i32)))
 (func $f (result i32) (i32.const 7))
 (elem (table 0) ({ty}.const 0) funcref (ref.func $f) (ref.null func) (ref.func $f))
 (elem (table $read) ({ty}.const 0) funcref (ref.func $f) (ref.null func) (ref.func $f))
 (elem $three funcref (ref.func $f) (ref.func $f) (ref.func $f))
 (func (export \"get\") (param {ty}) (result i32) (ref.is_null (table.get (local.get 0))))
 (func (export \"set\") (param {ty}) (table.set (local.get 0) (ref.func $f)))
 (func (export \"call\") (param {ty}) (result i32) (call_indirect (type $t) (local.get 0)))
 (func (export \"call-read\") (param {ty}) (result i32) (call_indirect $read (type $t) (local.get 0)))
 (func (export \"fill\") (param {ty} {ty}) (table.fill (local.get 0) (ref.func $f) (local.get 1)))
 (func (export \"copy\") (param {ty} {ty}) (table.copy (local.get 0) (local.get 0) (local.get 1)))
 (func (export \"init\") (param {ty} i32) (table.init $three (local.get 0) (i32.const 0) (local.get 1)))
 (func (export \"grow\") (param {ty}) (result {ty}) (table.grow (ref.null func) (local.get 0)))
 (func (export \"size\") (result {ty}) (table.size)))\n",
        wide = if wide { "i64" } else { "" },
    );
    let mut full = [true, false, true].into_iter().chain([false; 17]).collect::<Vec<bool>>();
    let mut size = 10_usize;
    for grown in [false, true] {
        if grown {
            _ = writeln!(text, "(assert_return (invoke \"grow\" ({ty}.const {})) ({ty}.const -1))", span - 1);
            _ = writeln!(text, "(assert_return (invoke \"grow\" ({ty}.const 11)) ({ty}.const -1))");
            _ = writeln!(text, "(assert_return (invoke \"grow\" ({ty}.const 10)) ({ty}.const 10))");
            size = 20;
        }
        _ = writeln!(text, "(assert_return (invoke \"size\") ({ty}.const {size}))");
        let wraps = [1 << 32, (1 << 32) + 2, span / 2, span / 8, span / 8 + 2, span - 1];
        let edges = [0, 1, 2, size as u128 - 1, size as u128, size as u128 + 1];
        for index in edges.into_iter().chain(wraps).filter(|index| *index < span) {
            let element = if index < size as u128 { full.get(index as usize).copied() } else { None };
            let mut one = |call: &str, value: Result<&str, &str>| {
                _ = match value {
                    Ok(value) => writeln!(text, "(assert_return (invoke {call}) {value})"),
                    Err(message) => writeln!(text, "(assert_trap (invoke {call}) \"{message}\")"),
                };
            };
            let called = |element: Option<bool>| match element {
                Some(true) => Ok("(i32.const 7)"),
                Some(false) => Err("uninitialized element"),
                None => Err("undefined element"),
            };
            let null = element.map(|full| if full { "(i32.const 0)" } else { "(i32.const 1)" });
            one(&format!("\"get\" ({ty}.const {index:#x})"), null.ok_or(MESSAGE));
            one(&format!("\"call\" ({ty}.const {index:#x})"), called(element));
            let read = [true, false, true].get(index as usize).copied();
            let read = if index < 10 { Some(read.unwrap_or(false)) } else { None };
            one(&format!("\"call-read\" ({ty}.const {index:#x})"), called(read));
            for length in [0, 1, 3, size as u128 + 1, 1 << 32, span - index, span - 1] {
                if length >= span {
                    continue;
                }
                let outcome = if index + length <= size as u128 { Ok("") } else { Err(MESSAGE) };
                let arguments = format!("({ty}.const {index:#x}) ({ty}.const {length:#x})");
                one(&format!("\"copy\" {arguments}"), outcome);
                // Fills and copies of functions: what they leave is looked at in the second round.
                if index > 2 || outcome.is_err() {
                    one(&format!("\"fill\" {arguments}"), outcome);
                    let init = if length <= 3 { outcome } else { Err(MESSAGE) };
                    if length < 1 << 32 {
                        let arguments = format!("({ty}.const {index:#x}) (i32.const {length:#x})");
                        one(&format!("\"init\" {arguments}"), init);
                    }
                    if outcome.is_ok() {
                        full[index as usize..(index + length) as usize].fill(true);
                    }
                }
            }
            if element == Some(false) && index > 2 {
                one(&format!("\"set\" ({ty}.const {index:#x})"), Ok(""));
                full[index as usize] = true;
            } else if element.is_none() {
                one(&format!("\"set\" ({ty}.const {index:#x})"), Err(MESSAGE));
            }
        }
    }
    text
}
