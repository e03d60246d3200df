//! Reads the line table. It may be damaged or hostile: whatever its bytes are, nothing panics and the work is bounded by their
//! number and the constants of the format.

use super::coder::Decoder;
use super::{Access, CALLS_PER_GROUP, MODELS, MOST_NESTED, SITES_PER_BLOCK, add_zigzag, change, model};

/// A place in the source. Lines and columns count from 1; 0 is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// The number of the name.
    pub file: u32,
    pub line: u32,
    pub column: u32,
}

/// An instruction that a backtrace may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// In the code.
    pub offset: u32,
    /// In the Wasm module.
    pub wasm: u32,
    pub access: Access,
    /// The innermost inlined call that it is in; 0 if it is in none.
    pub call: u32,
    pub position: Position,
}

/// An inlined call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The inlined call that it is in, whose number is less; 0 if it is in none.
    pub parent: u32,
    /// The number of the name of the function that is called.
    pub name: u32,
    /// Where it is called.
    pub position: Position,
    /// Where in the Wasm module, if the compiler inlined it; 0 if the module's producer did.
    pub wasm: u32,
}

/// A line table.
#[derive(Clone, Copy)]
pub struct Table<'t> {
    models: &'t [u8],
    block_index: &'t [u8],
    name_index: &'t [u8],
    call_index: &'t [u8],
    site_count: u32,
    call_count: u32,
    blocks: &'t [u8],
    calls: &'t [u8],
    names: &'t [u8],
}

impl<'t> Table<'t> {
    /// The table with these bytes; none if they can't be one.
    pub fn new(bytes: &'t [u8]) -> Option<Table<'t>> {
        let (counts, rest) = bytes.split_at_checked(12)?;
        let (site_count, names, call_count) = (number(counts, 0)?, number(counts, 1)?, number(counts, 2)?);
        let (models, rest) = rest.split_at_checked(MODELS)?;
        let words = |count: u32| usize::try_from(count).ok()?.checked_mul(4);
        let blocks = site_count.div_ceil(SITES_PER_BLOCK as u32);
        let (block_index, rest) = rest.split_at_checked(words(blocks)?.checked_mul(2)?)?;
        let (name_index, rest) = rest.split_at_checked(words(names)?)?;
        let groups = call_count.div_ceil(CALLS_PER_GROUP as u32);
        let (call_index, rest) = rest.split_at_checked(words(groups)?)?;
        let end = |index: &[u8]| number(index, (index.len() / 4).checked_sub(1)?);
        let (blocks, rest) = rest.split_at_checked(end(block_index).unwrap_or(0) as usize)?;
        let (calls, names) = rest.split_at_checked(end(call_index).unwrap_or(0) as usize)?;
        Some(Table {
            models,
            block_index,
            name_index,
            call_index,
            site_count,
            call_count,
            blocks,
            calls,
            names,
        })
    }

    /// The number of sites.
    pub fn site_count(&self) -> u32 {
        self.site_count
    }

    /// The number of blocks.
    pub fn block_count(&self) -> usize {
        self.block_index.len() / 8
    }

    /// The sites in a block, ascending; none if there is no such block.
    pub fn block(&self, block: usize) -> impl Iterator<Item = Site> + use<'t> {
        let from = block.checked_sub(1).map_or(Some(0), |before| number(self.block_index, 2 * before + 1));
        let bytes = || self.blocks.get(from? as usize..number(self.block_index, 2 * block + 1)? as usize);
        let before = block.saturating_mul(SITES_PER_BLOCK);
        let count = (self.site_count as usize).saturating_sub(before).min(SITES_PER_BLOCK);
        let bytes = bytes();
        let mut sites = Sites {
            decoder: Decoder::new(bytes.unwrap_or_default(), self.models),
            site: Site {
                offset: number(self.block_index, 2 * block).unwrap_or(0),
                wasm: 0,
                access: Access::NONE,
                call: 0,
                position: Position::default(),
            },
            change: change::SAME,
        };
        (0..if bytes.is_some() { count } else { 0 }).map(move |_| sites.next())
    }

    /// The site at this offset of the code; if there is none, the one before it, if there is any.
    pub fn find(&self, offset: u32) -> Option<Site> {
        let (mut low, mut high) = (0, self.block_count());
        while low < high {
            let middle = low + (high - low) / 2;
            if number(self.block_index, 2 * middle)? <= offset { low = middle + 1 } else { high = middle }
        }
        self.block(low.checked_sub(1)?).take_while(|site| site.offset <= offset).last()
    }

    /// The number of inlined calls.
    pub fn call_count(&self) -> u32 {
        self.call_count
    }

    /// An inlined call.
    pub fn call(&self, call: u32) -> Option<Call> {
        let index = call.checked_sub(1).filter(|index| *index < self.call_count)? as usize;
        let group = index / CALLS_PER_GROUP;
        let from = group.checked_sub(1).map_or(Some(0), |before| number(self.call_index, before))?;
        let bytes = self.calls.get(from as usize..number(self.call_index, group)? as usize)?;
        let mut decoder = Decoder::new(bytes, self.models);
        let mut found = Call { parent: 0, name: 0, position: Position::default(), wasm: 0 };
        let (mut parent, mut last) = (0, 0);
        for _ in 0..=index % CALLS_PER_GROUP {
            parent = decoder.number(model::PARENT);
            found.name = add_zigzag(found.name, decoder.number(model::NAME));
            let position = &mut found.position;
            position.file = add_zigzag(position.file, decoder.number(model::CALL_FILE));
            position.line = add_zigzag(position.line, decoder.number(model::CALL_LINE));
            position.column = decoder.number(model::CALL_COLUMN);
            found.wasm = match decoder.number(model::CALL_WASM).checked_sub(1) {
                None => 0,
                Some(difference) => {
                    last = add_zigzag(last, difference);
                    last
                }
            };
        }
        // Never itself, so that there is no circle.
        found.parent = call.saturating_sub(parent.max(1));
        Some(found)
    }

    /// The inlined calls that a site is in, the innermost first.
    pub fn calls(&self, site: &Site) -> impl Iterator<Item = Call> + use<'t> {
        let (table, mut next) = (*self, site.call);
        (0..MOST_NESTED).map_while(move |_| {
            let call = table.call(next)?;
            next = call.parent;
            Some(call)
        })
    }

    /// A name; empty if it is unknown.
    pub fn name(&self, name: u32) -> &'t [u8] {
        let end = |name: usize| number(self.name_index, name);
        let bytes = || {
            let from = (name as usize).checked_sub(1).and_then(end).unwrap_or(0);
            self.names.get(from as usize..end(name as usize)? as usize)
        };
        bytes().unwrap_or_default()
    }
}

/// A number of a fixed part.
fn number(bytes: &[u8], index: usize) -> Option<u32> {
    let at = index.checked_mul(4)?;
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Decodes the sites of a block.
struct Sites<'t> {
    decoder: Decoder<'t>,
    /// The one before.
    site: Site,
    /// How its position was another one than that before.
    change: u32,
}

impl Sites<'_> {
    fn next(&mut self) -> Site {
        let Sites { decoder, site, change } = self;
        let kind = decoder.number(model::kind(site.access.0)) as u8;
        site.access = Access(kind);
        let wasm = decoder.number(model::wasm(kind));
        site.wasm = add_zigzag(site.wasm, wasm);
        site.offset = site.offset.saturating_add(decoder.number(model::offset(kind, wasm)));
        *change = decoder.number(model::change(wasm, *change)).min(change::CALL);
        if *change == change::CALL {
            site.call = add_zigzag(site.call, decoder.number(model::CALL));
            site.position.file = add_zigzag(site.position.file, decoder.number(model::FILE));
        }
        if *change != change::SAME {
            let line = decoder.number(model::line(*change));
            site.position.line = add_zigzag(site.position.line, line);
            site.position.column = decoder.number(model::column(line));
        }
        *site
    }
}
