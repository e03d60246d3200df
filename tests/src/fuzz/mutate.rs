//! Damaged modules: a valid one, and one to three mutations of it.

use wast::parser::ParseBuffer;
use wast::{Wast, WastDirective, WastExecute};

use super::generate::{self, Kind};
use super::random::Random;
use super::sections::{self, Section, id};

/// Modules larger than this are left out: many small ones find more.
const MAX_BYTES: usize = 6000;

/// A module with something in every section, for truncation at every length.
const SMALL: &str = r#"(module $small
  (type $binary (func (param i32 i32) (result i32)))
  (import "env" "print" (func $print (param i32)))
  (table $table 4 10 funcref)
  (memory (export "memory") 1 2)
  (global $counter (mut i32) (i32.const 5))
  (global $float f64 (f64.const 1.5))
  (export "add" (func $add))
  (start $start)
  (elem (i32.const 1) func $add $sub)
  (elem $passive func $sub)
  (data (i32.const 16) "hello")
  (data $bytes "passive")
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $start (local $i i64) (local f32)
    (block $out
      (loop $again
        (br_if $out (i64.ge_u (local.get $i) (i64.const 3)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $again)))
    (block $a (block $b (br_table $a $b $a (i32.wrap_i64 (local.get $i)))))
    (if (i32.load8_u offset=16 (i32.const 0))
      (then (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 7)))
      (else (unreachable)))
    (call $print (call_indirect (type $binary) (i32.const 1) (i32.const 2) (i32.const 1)))
    (global.set $counter (i32.trunc_sat_f64_s (f64.sqrt (global.get $float))))
    (table.init $passive (i32.const 0) (i32.const 0) (i32.const 1))))"#;

/// Valid modules to start from.
pub struct Corpus {
    small: Vec<u8>,
    modules: Vec<Vec<u8>>,
}

/// A test case.
pub struct Case {
    /// What was done.
    pub kind: &'static str,
    pub wasm: Vec<u8>,
}

impl Corpus {
    /// The modules of wasm-smith and those of the specification's tests, given as text.
    pub fn new<'t>(spec_files: impl IntoIterator<Item = &'t str>) -> Corpus {
        let small = wat::parse_str(SMALL).expect("the text is right");
        let mut modules = vec![small.clone()];
        modules.extend((0..120).map(|seed| generate::module(Kind::Plain, seed)));
        modules.extend((0..60).map(|seed| generate::module(Kind::Collected, seed)));
        modules.extend((0..80).map(generate::any_module));
        modules.extend(spec_files.into_iter().flat_map(modules_of));
        // Whatever is done to an invalid module, it stays invalid most of the time.
        modules.retain(|wasm| wasm.len() <= MAX_BYTES && wasmparser::validate(wasm).is_ok());
        Corpus { small, modules }
    }

    pub fn len(&self) -> usize {
        self.modules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// The case with this number.
    pub fn case(&self, number: usize) -> Case {
        if number < self.small.len() {
            return Case { kind: "cut at every length", wasm: self.small[..number].to_vec() };
        }
        let random = &mut Random::new(4, number as u64);
        let mut wasm = random.choose(&self.modules).clone();
        let (kind, mutate) = *random.choose(MUTATIONS);
        mutate(&mut wasm, self, random);
        for _ in 0..*random.choose(&[0, 0, 0, 1, 2]) {
            mutate(&mut wasm, self, random);
        }
        Case { kind, wasm }
    }
}

/// The modules of a file of the specification's tests.
fn modules_of(text: &str) -> Vec<Vec<u8>> {
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let Ok(buffer) = ParseBuffer::new_with_lexer(lexer) else { return Vec::new() };
    let Ok(script) = wast::parser::parse::<Wast<'_>>(&buffer) else { return Vec::new() };
    let encode = |directive| match directive {
        WastDirective::Module(mut wat) => wat.encode().ok(),
        WastDirective::AssertTrap { exec: WastExecute::Wat(mut wat), .. } => wat.encode().ok(),
        _ => None,
    };
    script.directives.into_iter().filter_map(encode).collect()
}

type Mutation = (&'static str, fn(&mut Vec<u8>, &Corpus, &mut Random));

const MUTATIONS: &[Mutation] = &[
    ("cut", |wasm, _, random| wasm.truncate(random.below(wasm.len() + 1))),
    ("flip bits", |wasm, _, random| flip_bits(wasm, random)),
    ("flip bits in code", |wasm, _, random| {
        in_section(wasm, Some(id::CODE), random, |bytes, random| {
            let place = random.below(bytes.len());
            bytes[place] ^= 1 << random.below(8);
        })
    }),
    ("telling bytes", |wasm, _, random| telling_bytes(wasm, random)),
    ("telling bytes in code", |wasm, _, random| {
        in_section(wasm, Some(id::CODE), random, |bytes, random| {
            let place = random.below(bytes.len());
            bytes[place] = *random.choose(TELLING);
        })
    }),
    ("telling bytes in a section", |wasm, _, random| {
        in_section(wasm, None, random, |bytes, random| {
            let place = random.below(bytes.len());
            bytes[place] = *random.choose(TELLING);
        })
    }),
    ("other operators", |wasm, _, random| {
        in_section(wasm, Some(id::CODE), random, |bytes, random| {
            // A byte in one of these ranges is likely to be an opcode.
            for _ in 0..20 {
                let place = random.below(bytes.len());
                if let Some(range) = SAME_TYPE.iter().find(|range| range.contains(&bytes[place])) {
                    bytes[place] = range.start() + random.below(range.len()) as u8;
                }
            }
        })
    }),
    ("splice", splice),
    ("delete", |wasm, _, random| {
        let (start, end) = range(wasm.len(), random);
        wasm.drain(start..end);
    }),
    ("repeat", |wasm, _, random| {
        let (start, end) = range(wasm.len(), random);
        let copy = wasm[start..end].to_vec();
        wasm.splice(end..end, copy);
    }),
    ("repeat in code", |wasm, _, random| {
        in_section(wasm, Some(id::CODE), random, |bytes, random| {
            let (start, end) = range(bytes.len(), random);
            let copy = bytes[start..end].to_vec();
            bytes.splice(end..end, copy);
        })
    }),
    ("long section sizes", |wasm, _, random| {
        *wasm = sections::join(&sections::split(wasm), 2 + random.below(5));
    }),
    ("long numbers", |wasm, _, random| {
        in_section(wasm, None, random, |bytes, random| {
            // What ends a number may as well go on, with zeros.
            let place = random.below(bytes.len());
            if bytes[place] & 0x80 == 0 {
                bytes[place] |= 0x80;
                let zeros = vec![0x80; random.below(5)];
                bytes.splice(place + 1..place + 1, zeros.into_iter().chain([0]));
            }
        })
    }),
    ("huge counts", |wasm, _, random| {
        in_section(wasm, None, random, |bytes, random| {
            if let Some((_, width)) = sections::read_leb(bytes) {
                let huge =
                    *random.choose(&[1 << 16, 1_000_000, 10_000_001, 1 << 28, i32::MAX as u32, u32::MAX]);
                bytes.splice(..width, sections::leb(huge, 1));
            }
        })
    }),
    ("huge numbers", |wasm, _, random| {
        in_section(wasm, None, random, |bytes, random| {
            let place = random.below(bytes.len());
            let huge = *random.choose(&[0x7fff, 0xffff, 65536, 10_000_000, i32::MAX as u32, u32::MAX]);
            bytes.splice(place..=place, sections::leb(huge, 1));
        })
    }),
    ("other counts", |wasm, _, random| {
        in_section(wasm, None, random, |bytes, random| {
            if let Some((count, width)) = sections::read_leb(bytes) {
                let other = *random.choose(&[0, 1, count / 2, count.saturating_sub(1), count + 1, count + 2]);
                bytes.splice(..width, sections::leb(other, 1));
            }
        })
    }),
    ("swap sections", |wasm, _, random| {
        with_sections(wasm, |sections| {
            let (a, b) = (random.below(sections.len()), random.below(sections.len()));
            sections.swap(a, b);
        })
    }),
    ("repeat a section", |wasm, _, random| {
        with_sections(wasm, |sections| {
            let copy = random.choose(sections).clone();
            sections.insert(random.below(sections.len() + 1), copy);
        })
    }),
    ("drop a section", |wasm, _, random| {
        with_sections(wasm, |sections| {
            sections.remove(random.below(sections.len()));
        })
    }),
    ("renumber a section", |wasm, _, random| {
        with_sections(wasm, |sections| {
            let place = random.below(sections.len());
            sections[place].id = random.below(16) as u8;
        })
    }),
    ("section of another module", graft),
    ("drop an entry", |wasm, _, random| {
        in_section(wasm, None, random, |bytes, _| {
            // With it goes the last byte, which is right for sections of one-byte entries.
            if let Some((count, width)) = sections::read_leb(bytes) {
                bytes.pop();
                bytes.splice(..width.min(bytes.len()), sections::leb(count.saturating_sub(1), 1));
            }
        })
    }),
];

/// Opcodes in a row that take and give the same types.
const SAME_TYPE: &[std::ops::RangeInclusive<u8>] = &[
    0x46..=0x4f,
    0x51..=0x5a,
    0x5b..=0x60,
    0x61..=0x66,
    0x67..=0x69,
    0x6a..=0x78,
    0x79..=0x7b,
    0x7c..=0x8a,
    0x8b..=0x91,
    0x92..=0x98,
    0x99..=0x9f,
    0xa0..=0xa6,
];

/// Bytes at which the format changes its meaning.
pub(super) const TELLING: &[u8] = &[
    0, 1, 2, 3, 4, 5, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x1a, 0x1b, 0x20, 0x21, 0x23, 0x24, 0x28,
    0x36, 0x3f, 0x40, 0x41, 0x6a, 0x6f, 0x70, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0xc0, 0xd0, 0xd2, 0xfc,
    0xfd, 0xfe, 0xff,
];

pub(super) fn flip_bits(wasm: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        if !wasm.is_empty() {
            let place = random.below(wasm.len());
            wasm[place] ^= 1 << random.below(8);
        }
    }
}

fn telling_bytes(wasm: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        if !wasm.is_empty() {
            let place = random.below(wasm.len());
            wasm[place] = *random.choose(TELLING);
        }
    }
}

fn splice(wasm: &mut Vec<u8>, corpus: &Corpus, random: &mut Random) {
    let other = random.choose(&corpus.modules);
    let (from, to) = range(other.len(), random);
    let (start, end) = range(wasm.len(), random);
    wasm.splice(start..end, other[from..to].iter().copied());
}

fn graft(wasm: &mut Vec<u8>, corpus: &Corpus, random: &mut Random) {
    let other: &Vec<u8> = random.choose(&corpus.modules);
    let others = sections::split(other);
    if others.is_empty() {
        return;
    }
    let other = random.choose(&others).clone();
    with_sections(wasm, |sections| match sections.iter_mut().find(|section| section.id == other.id) {
        Some(section) => *section = other,
        None => sections.push(other),
    });
}

/// A short range, most of the time.
fn range(length: usize, random: &mut Random) -> (usize, usize) {
    let start = random.below(length + 1);
    let limit = *random.choose(&[2, 10, 100, 10_000]);
    (start, length.min(start + random.below(limit)))
}

fn with_sections(wasm: &mut Vec<u8>, change: impl FnOnce(&mut Vec<Section>)) {
    let mut sections = sections::split(wasm);
    if !sections.is_empty() {
        change(&mut sections);
        *wasm = sections::join(&sections, 1);
    }
}

/// Changes the contents of a section, by its id or whichever; its size is set right.
fn in_section(
    wasm: &mut Vec<u8>,
    id: Option<u8>,
    random: &mut Random,
    change: fn(&mut Vec<u8>, &mut Random),
) {
    with_sections(wasm, |sections| {
        let fits =
            |section: &&mut Section| !section.contents.is_empty() && id.is_none_or(|id| section.id == id);
        let mut fitting: Vec<&mut Section> = sections.iter_mut().filter(fits).collect();
        if !fitting.is_empty() {
            let chosen = random.below(fitting.len());
            change(&mut fitting[chosen].contents, random);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_always_the_same_and_mostly_differ() {
        let corpus = Corpus::new(["(module (func)) (module (func (result i32)))"]);
        let cases: Vec<Vec<u8>> = (0..2000).map(|number| corpus.case(number).wasm).collect();
        assert_eq!(cases[1999], corpus.case(1999).wasm);
        let different: std::collections::HashSet<_> = cases.iter().collect();
        assert!(different.len() > 1800, "{}", different.len());
    }
}
