//! Writes the line table: see `wasm_aot_abi::line`, which has the format and the reader.

use std::collections::HashMap;

use wasm_aot_abi::line::{CALLS_PER_GROUP, Call, Position, SITES_PER_BLOCK, Site, change, model, zigzag};

use super::coder::{Number, Statistics, encode};

/// What a line table says.
pub struct Lines {
    /// Ascending.
    sites: Vec<Site>,
    calls: Vec<Call>,
    call_numbers: HashMap<Call, u32>,
    names: Vec<String>,
    name_numbers: HashMap<String, u32>,
}

impl Lines {
    pub fn new() -> Lines {
        // Name 0 is empty.
        let name_numbers = HashMap::from([(String::new(), 0)]);
        Lines {
            sites: Vec::new(),
            calls: Vec::new(),
            call_numbers: HashMap::new(),
            names: vec![String::new()],
            name_numbers,
        }
    }

    /// The number of a name.
    pub fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.name_numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.name_numbers.insert(name.to_owned(), number);
        number
    }

    /// The number of an inlined call.
    pub fn call(&mut self, call: Call) -> u32 {
        *self.call_numbers.entry(call).or_insert_with(|| {
            self.calls.push(call);
            self.calls.len() as u32
        })
    }

    /// How many inlined calls a call is in, with itself.
    pub fn depth(&self, call: u32) -> u32 {
        let inside = |number: &u32| Some(self.calls[number.checked_sub(1)? as usize].parent);
        std::iter::successors(Some(call), inside).count() as u32 - 1
    }

    /// Adds a site, which is behind those before.
    pub fn site(&mut self, site: Site) {
        debug_assert!(self.sites.last().is_none_or(|last| last.offset < site.offset));
        self.sites.push(site);
    }

    /// The bytes of the table.
    pub fn encode(&self) -> Vec<u8> {
        let blocks: Vec<(u32, Vec<Number>)> =
            self.sites.chunks(SITES_PER_BLOCK).map(|block| (block[0].offset, block_numbers(block))).collect();
        let groups: Vec<Vec<Number>> = (0..)
            .step_by(CALLS_PER_GROUP)
            .zip(self.calls.chunks(CALLS_PER_GROUP))
            .map(|(before, group)| group_numbers(before, group))
            .collect();
        let mut statistics = Statistics::new(model::COUNT);
        let numbers = blocks.iter().map(|(_, numbers)| numbers).chain(&groups).flatten();
        numbers.for_each(|number| statistics.count(*number));
        let models = statistics.models();

        let mut table = Vec::new();
        let counts = [self.sites.len(), self.names.len(), self.calls.len()];
        counts.iter().for_each(|count| table.extend((*count as u32).to_le_bytes()));
        table.extend(&models);
        let (mut block_bytes, mut call_bytes, mut names) = (Vec::new(), Vec::new(), Vec::<u8>::new());
        for (start, numbers) in &blocks {
            block_bytes.extend(encode(numbers, &models));
            table.extend(start.to_le_bytes());
            table.extend((block_bytes.len() as u32).to_le_bytes());
        }
        for name in &self.names {
            names.extend(name.as_bytes());
            table.extend((names.len() as u32).to_le_bytes());
        }
        for numbers in &groups {
            call_bytes.extend(encode(numbers, &models));
            table.extend((call_bytes.len() as u32).to_le_bytes());
        }
        table.extend(block_bytes);
        table.extend(call_bytes);
        table.extend(names);
        table
    }
}

/// The numbers of a block.
fn block_numbers(sites: &[Site]) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut add = |model, value| numbers.push(Number { model, value });
    let (mut kind, mut offset, mut wasm, mut call) = (0, sites[0].offset, 0, 0);
    let (mut position, mut changed) = (Position::default(), change::SAME);
    for site in sites {
        add(model::kind(kind), site.access.0.into());
        kind = site.access.0;
        let distance = zigzag(wasm, site.wasm);
        add(model::wasm(kind), distance);
        add(model::offset(kind, distance), site.offset - offset);
        let is_same = (site.call, site.position) == (call, position);
        let change = match is_same {
            true => change::SAME,
            false if site.call == call && site.position.file == position.file => change::LINE,
            false => change::CALL,
        };
        add(model::change(distance, changed), change);
        if change == change::CALL {
            add(model::CALL, zigzag(call, site.call));
            add(model::FILE, zigzag(position.file, site.position.file));
        }
        if change != change::SAME {
            let line = zigzag(position.line, site.position.line);
            add(model::line(change), line);
            add(model::column(line), site.position.column);
        }
        (offset, wasm, call, position, changed) = (site.offset, site.wasm, site.call, site.position, change);
    }
    numbers
}

/// The numbers of a group of inlined calls, before which there are so many others.
fn group_numbers(before: u32, calls: &[Call]) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut add = |model, value| numbers.push(Number { model, value });
    let (mut name, mut position, mut wasm) = (0, Position::default(), 0);
    for (number, call) in (before + 1..).zip(calls) {
        add(model::PARENT, number - call.parent);
        add(model::NAME, zigzag(name, call.name));
        add(model::CALL_FILE, zigzag(position.file, call.position.file));
        add(model::CALL_LINE, zigzag(position.line, call.position.line));
        add(model::CALL_COLUMN, call.position.column);
        if call.wasm == 0 {
            add(model::CALL_WASM, 0);
        } else {
            add(model::CALL_WASM, zigzag(wasm, call.wasm).wrapping_add(1));
            wasm = call.wasm;
        }
        (name, position) = (call.name, call.position);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use wasm_aot_abi::line::{Access, Table};

    use super::*;

    /// Numbers that look random.
    fn scatter(i: u32) -> u32 {
        i.wrapping_mul(0x9e37_79b9) >> 7
    }

    fn position(i: u32) -> Position {
        Position { file: scatter(i / 100) % 3, line: i / 3 + scatter(i) % 40, column: scatter(i / 2) % 90 }
    }

    /// A table of this many sites, and what is in it.
    fn example(count: u32) -> (Lines, Vec<Site>, Vec<Call>) {
        let mut lines = Lines::new();
        for name in ["/src/a.c", "/src/b.c", "f", "g"] {
            lines.name(name);
        }
        let calls: Vec<Call> = (0..count / 4)
            .map(|i| Call {
                parent: scatter(i) % (i + 1),
                name: 3 + i % 2,
                position: position(i),
                wasm: if i % 3 == 0 { scatter(i) } else { 0 },
            })
            .collect();
        let numbers: Vec<u32> = calls.iter().map(|call| lines.call(*call)).collect();
        let site = |i: u32| Site {
            offset: 10 * i + scatter(i) % 10,
            wasm: 1000 + 3 * (i ^ 5) + if i.is_multiple_of(50) { 1 << 30 } else { 0 },
            access: Access((scatter(i) % 16) as u8),
            call: numbers.get((i / 5) as usize).copied().unwrap_or(0),
            position: position(i / 2),
        };
        let sites: Vec<Site> = (0..count).map(site).collect();
        sites.iter().for_each(|site| lines.site(*site));
        (lines, sites, calls)
    }

    #[test]
    fn what_is_written_is_read() {
        for count in [0, 1, 255, 256, 257, 3000] {
            let (lines, sites, calls) = example(count);
            let bytes = lines.encode();
            let table = Table::new(&bytes).unwrap();
            let read: Vec<Site> = (0..table.block_count()).flat_map(|block| table.block(block)).collect();
            assert!(read == sites, "{count} sites");
            for call in calls {
                assert_eq!(table.call(lines.call_numbers[&call]), Some(call));
            }
            assert_eq!(table.name(2), b"/src/b.c");
            assert_eq!((table.name(0), table.name(99)), (&b""[..], &b""[..]));
        }
    }

    #[test]
    fn a_site_is_found_by_its_offset_and_by_those_behind_it() {
        let (lines, sites, _) = example(1000);
        let bytes = lines.encode();
        let table = Table::new(&bytes).unwrap();
        for pair in sites.windows(2) {
            assert_eq!(table.find(pair[0].offset), Some(pair[0]));
            assert_eq!(table.find(pair[1].offset - 1), Some(pair[0]));
        }
        assert_eq!(table.find(u32::MAX), sites.last().copied());
        let before = sites[0].offset.checked_sub(1);
        assert!(before.is_none_or(|offset| table.find(offset).is_none()));
    }

    #[test]
    fn damaged_tables_are_read_in_bounded_time() {
        let (lines, ..) = example(600);
        let bytes = lines.encode();
        for index in (0..bytes.len()).step_by(7) {
            let mut bytes = bytes.clone();
            bytes[index] ^= 0xff;
            let Some(table) = Table::new(&bytes) else { continue };
            let site = table.find(3000);
            let nested = site.iter().flat_map(|site| table.calls(site)).count();
            assert!(nested <= wasm_aot_abi::line::MOST_NESTED);
        }
        for length in 0..bytes.len() {
            assert!(Table::new(&bytes[..length]).is_none_or(|table| table.block_count() <= 3));
        }
    }
}
