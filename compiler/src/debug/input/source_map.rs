//! Source maps ("Source map format specification", ECMA-426) as AssemblyScript and Kotlin write them for Wasm: the generated
//! file has one line, and its columns are byte offsets in the module (WebAssembly tool conventions, "Debugging").

use std::borrow::Cow;

use gimli::constants::DW_LANG_C99;
use serde::Deserialize;

use super::external::DebugFile;
use super::generated::{LineFunction, LineRow, Lines};
use crate::debug::address::Bodies;
use crate::parse::{FuncIndex, Module};

/// The parts of a source map that matter here.
#[derive(Deserialize)]
struct SourceMap<'m> {
    version: u32,
    #[serde(borrow)]
    mappings: Cow<'m, str>,
    #[serde(default)]
    sources: Vec<Option<String>>,
    #[serde(default, rename = "sourceRoot")]
    root: Option<String>,
}

/// Says that a byte offset belongs to a place in a source, all counted from 0; or that it belongs to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mapping {
    offset: u32,
    source: Option<(u32, u32, u32)>,
}

/// Longer paths are left out.
const MOST_PATH: usize = 4096;

/// The most bytes of all paths for each byte of a source map, whose root is in each of them.
const PATHS_PER_BYTE: usize = 16;

/// The lines that a source map gives to a module's functions.
///
/// # Errors
/// If it can't be read.
pub fn lines(file: &DebugFile, module: &Module<'_>, bodies: &Bodies) -> Result<Lines, String> {
    let (map, file) = (&file.bytes[..], file.name.trim_start_matches("./"));
    let bytes = map.len();
    let unreadable = |reason: String| format!("the source map can't be read: {reason}");
    // A line against attacks on servers may come first.
    let start =
        if map.starts_with(b")]}'") { map.iter().position(|byte| *byte == b'\n').unwrap_or(0) } else { 0 };
    let map: SourceMap<'_> =
        serde_json::from_slice(&map[start..]).map_err(|error| unreadable(error.to_string()))?;
    if map.version != 3 {
        return Err(unreadable(format!("it has version {}", map.version)));
    }
    let mut mappings =
        mappings(&map.mappings).ok_or_else(|| unreadable("its mappings are damaged".to_owned()))?;
    mappings.sort_by_key(|mapping| mapping.offset);
    // AssemblyScript writes the name of the program, where no directory is.
    let is_name = |root: &&str| root.strip_prefix("./").is_some_and(|root| file.starts_with(root));
    let root = map.root.as_deref().filter(|root| !is_name(root)).unwrap_or("");
    let root = if root.is_empty() { String::new() } else { format!("{}/", root.trim_end_matches('/')) };
    let files = paths(&root, &map.sources, bytes.saturating_mul(PATHS_PER_BYTE));
    let mut functions = Vec::new();
    for (number, body) in bodies.all().enumerate() {
        let first =
            mappings.partition_point(|mapping| u64::from(mapping.offset) < bodies.code_start + body.start);
        let end =
            mappings.partition_point(|mapping| u64::from(mapping.offset) < bodies.code_start + body.end);
        let row = |mapping: &Mapping| {
            let (file, line, column) = mapping.source?;
            let address = (u64::from(mapping.offset) - bodies.code_start) as u32;
            let is_known = (file as usize) < files.len();
            is_known.then_some(LineRow {
                address,
                file,
                line: line.saturating_add(1),
                column: column.saturating_add(1),
            })
        };
        let mut rows: Vec<LineRow> = mappings[first..end].iter().filter_map(row).collect();
        let Some(first) = rows.first().copied() else { continue };
        let start = body.start as u32;
        if first.address > start {
            rows.insert(0, LineRow { address: start, ..first });
        }
        let func = FuncIndex::from_u32((module.imported_functions + number) as u32);
        functions.push(LineFunction { name: module.function_name(func), start, end: body.end as u32, rows });
    }
    let first = functions.first().map(|function: &LineFunction| function.rows[0].file as usize);
    Ok(Lines {
        producer: "source map",
        // Debuggers don't know AssemblyScript. Of C, they ask the least of a name.
        language: DW_LANG_C99,
        name: first.map_or(String::new(), |file| files[file].clone()),
        files,
        functions,
    })
}

/// The paths of sources, which begin with the root. Those that are too long, or for which too few of `left` bytes are left, are
/// empty.
fn paths(root: &str, sources: &[Option<String>], mut left: usize) -> Vec<String> {
    let path = |source: &Option<String>| {
        let source = source.as_deref().unwrap_or("");
        let length = root.len() + source.len();
        if length > left.min(MOST_PATH) {
            return String::new();
        }
        left -= length;
        format!("{root}{source}")
    };
    sources.iter().map(path).collect()
}

/// The mappings of the generated file's first line.
fn mappings(text: &str) -> Option<Vec<Mapping>> {
    let line = text.split(';').next().unwrap_or("");
    let (mut offset, mut source) = (0_i64, [0_i64; 3]);
    let mut mappings = Vec::new();
    for segment in line.split(',').filter(|segment| !segment.is_empty()) {
        let mut digits = segment.bytes();
        offset = offset.checked_add(number(&mut digits)?)?;
        let mut has_source = false;
        if digits.len() > 0 {
            has_source = true;
            for value in &mut source {
                *value = value.checked_add(number(&mut digits)?)?;
            }
        }
        let [file, line, column] = source.map(|value| u32::try_from(value).ok());
        let place = if has_source { Some((file?, line?, column?)) } else { None };
        mappings.push(Mapping { offset: u32::try_from(offset).ok()?, source: place });
    }
    Some(mappings)
}

/// Reads a number: digits of 5 bits in base 64, the lowest first; the lowest bit is the sign.
fn number(digits: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let (mut value, mut shift) = (0_i64, 0);
    loop {
        let digit = match digits.next()? {
            digit @ b'A'..=b'Z' => digit - b'A',
            digit @ b'a'..=b'z' => digit - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        if shift > 40 {
            return None;
        }
        value |= i64::from(digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            break;
        }
    }
    Some(if value & 1 == 0 { value >> 1 } else { -(value >> 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let read = |text: &str| number(&mut text.bytes());
        assert_eq!(
            ["A", "C", "D", "2H", "gB", "//////D"].map(read),
            [0, 1, -1, 123, 16, -2_147_483_647].map(Some)
        );
        assert_eq!(["", "g", "=", "ggggggggggggC"].map(read), [None; 4]);
    }

    #[test]
    fn paths_are_bounded() {
        let sources = [Some("a.ts".to_owned()), None, Some("b.ts".to_owned())];
        assert_eq!(paths("", &sources, 100), ["a.ts", "", "b.ts"]);
        assert_eq!(paths("r/", &sources, 13), ["r/a.ts", "r/", ""]);
        assert_eq!(paths(&"r".repeat(5000), &sources, 100_000), ["", "", ""]);
    }

    #[test]
    fn mappings_are_relative() {
        let at = |offset, source| Mapping { offset, source };
        let read = mappings("gBAAA,EACEA,C,CCAAD;AAAA").unwrap();
        let expected =
            [at(16, Some((0, 0, 0))), at(18, Some((0, 1, 2))), at(19, None), at(20, Some((1, 1, 2)))];
        assert_eq!(read, expected);
        assert_eq!(mappings("D"), None);
        assert_eq!(mappings("AADA"), None);
        assert_eq!(mappings("A"), Some(vec![at(0, None)]));
    }
}
