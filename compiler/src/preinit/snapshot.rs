//! Reads the file that a program has written its state to: see `wasm_aot_abi::preinit`.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use wasm_aot_abi::preinit::MAGIC;

/// What the file says. Numbers of entities and references mean nothing yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The descriptor that isn't what it was at start, and whether it is open.
    pub descriptor: Option<(u64, bool)>,
    /// The numbers of functions by the references to them.
    pub functions: HashMap<u64, u64>,
    /// The bytes of the written globals.
    pub globals: Vec<u8>,
    /// The lengths of the segments that can be dropped.
    pub lengths: Vec<u64>,
    /// The numbers of tables, and their elements.
    pub tables: Vec<(u64, Vec<u64>)>,
    pub memories: Vec<MemoryContents>,
}

/// The size and the contents of a memory.
#[derive(Debug, PartialEq, Eq)]
pub struct MemoryContents {
    /// In bytes.
    pub size: u64,
    /// Offsets in the memory, and where the bytes are in the file; ascending, not overlapping. Whatever isn't in one is zero.
    pub runs: Vec<(u64, Range<usize>)>,
}

impl Snapshot {
    /// Reads the file.
    ///
    /// # Errors
    /// If it isn't complete or contradicts itself.
    pub fn read(bytes: Vec<u8>) -> Result<Snapshot> {
        let mut reader = Reader { bytes: &bytes, at: 0 };
        ensure!(reader.word()? == MAGIC, "it begins with something else");
        let (number, is_open) = (reader.word()?, reader.word()?);
        let descriptor = number.checked_sub(1).map(|number| (number, is_open != 0));
        let mut functions = HashMap::new();
        for _ in 0..reader.count(2)? {
            let (number, reference) = (reader.word()?, reader.word()?);
            ensure!(functions.insert(reference, number).is_none(), "two functions have the same reference");
        }
        let globals = reader.count(1)?;
        let globals = reader.take(globals * 8)?.to_vec();
        let lengths = reader.words()?;
        let mut tables = Vec::new();
        for _ in 0..reader.count(2)? {
            tables.push((reader.word()?, reader.words()?));
        }
        let mut memories = Vec::new();
        for _ in 0..reader.count(3)? {
            memories.push(reader.memory()?);
        }
        ensure!(reader.word()? == MAGIC && reader.at == bytes.len(), "it ends with something else");
        Ok(Snapshot { descriptor, functions, globals, lengths, tables, memories, bytes })
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8]> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..length).context("it is too short")?;
        self.at += length;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u64> {
        let bytes = self.take(8)?;
        Ok(u64::from_ne_bytes(bytes.try_into().expect("8 bytes")))
    }

    /// A number of items, each of which has at least this many words.
    fn count(&mut self, words: usize) -> Result<usize> {
        let count = self.word()?;
        let most = (self.bytes.len() - self.at) / (8 * words);
        usize::try_from(count).ok().filter(|count| *count <= most).context("it is too short")
    }

    fn words(&mut self) -> Result<Vec<u64>> {
        let count = self.count(1)?;
        let words = self.take(count * 8)?.chunks_exact(8);
        Ok(words.map(|bytes| u64::from_ne_bytes(bytes.try_into().expect("8 bytes"))).collect())
    }

    fn memory(&mut self) -> Result<MemoryContents> {
        let size = self.word()?;
        let (mut runs, mut end) = (Vec::new(), 0);
        loop {
            let (offset, length) = (self.word()?, self.word()?);
            if length == 0 {
                return Ok(MemoryContents { size, runs });
            }
            let start = self.at;
            self.take(usize::try_from(length).context("it is too short")?)?;
            ensure!(offset >= end, "parts of a memory overlap");
            end = offset.checked_add(length).filter(|end| *end <= size).context("a memory is too small")?;
            runs.push((offset, start..self.at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(parts: &[u64]) -> Vec<u8> {
        parts.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// A file with one of everything.
    fn words() -> Vec<u64> {
        let head = [MAGIC, 4, 1, 1, 7, 0x1000, 2, 11, 12, 1, 5];
        let tables = [1, 3, 2, 0x1000, 0];
        let memories = [1, 65536, 4096, 8, 99, 8192, 8, 98, 0, 0];
        [&head[..], &tables, &memories, &[MAGIC]].concat()
    }

    #[test]
    fn everything_is_read() {
        let snapshot = Snapshot::read(file(&words())).unwrap();
        assert_eq!(snapshot.descriptor, Some((3, true)));
        assert_eq!(snapshot.functions, HashMap::from([(0x1000, 7)]));
        assert_eq!(snapshot.globals, file(&[11, 12]));
        assert_eq!(snapshot.lengths, [5]);
        assert_eq!(snapshot.tables, [(3, vec![0x1000, 0])]);
        let [memory] = &snapshot.memories[..] else { panic!("one memory") };
        assert_eq!(memory.size, 65536);
        let runs: Vec<(u64, &[u8])> =
            memory.runs.iter().map(|(at, range)| (*at, &snapshot.bytes[range.clone()])).collect();
        assert_eq!(runs, [(4096, &file(&[99])[..]), (8192, &file(&[98])[..])]);
    }

    #[test]
    fn no_part_can_be_missing() {
        let whole = file(&words());
        for length in 0..whole.len() {
            assert!(Snapshot::read(whole[..length].to_vec()).is_err(), "{length}");
        }
        let longer = [&whole[..], &[0; 8]].concat();
        assert!(Snapshot::read(longer).is_err());
    }

    /// Nothing panics or takes much memory, whatever a word is.
    #[test]
    fn any_word_may_be_wrong() {
        for index in 0..words().len() {
            for wrong in [0, 1, 2, 8, 4095, 1 << 32, i64::MAX as u64, u64::MAX - 7, u64::MAX] {
                let mut words = words();
                words[index] = wrong;
                if let Ok(snapshot) = Snapshot::read(file(&words)) {
                    let whole = snapshot.bytes.len();
                    assert!(
                        snapshot
                            .memories
                            .iter()
                            .flat_map(|memory| &memory.runs)
                            .all(|(_, run)| run.end <= whole)
                    );
                }
            }
        }
    }

    #[test]
    fn parts_of_a_memory_lie_inside_it_and_apart() {
        let with = |at: usize, word: u64| {
            let mut words = words();
            words[at] = word;
            Snapshot::read(file(&words)).map(drop).map_err(|error| error.to_string())
        };
        let first = words().iter().rposition(|word| *word == 4096).unwrap();
        assert_eq!(with(first, 8185), Err("parts of a memory overlap".to_owned()));
        assert_eq!(with(first, 8184), Ok(()));
        assert_eq!(with(first + 3, 65529), Err("a memory is too small".to_owned()));
        assert_eq!(with(first + 3, 65528), Ok(()));
    }
}
