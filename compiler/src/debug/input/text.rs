//! A module's text as its source: the lines of its functions.

use std::sync::Arc;

use gimli::constants::DW_LANG_C99;

use super::generated::{LineFunction, LineRow, Lines};
use crate::debug::address::{Bodies, Body};
use crate::parse::{FuncIndex, Module};

/// The text of the main module, which was written to a file.
#[derive(Clone)]
pub struct Text {
    /// The path by which debuggers find it.
    pub path: String,
    /// Offset in the module of what a line shows, and the line, from 1 on. Ascending.
    pub lines: Arc<[(u64, u32)]>,
}

/// Leaves out the lines.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text {{ path: {:?} }}", self.path)
    }
}

/// The lines of a module's functions in its text.
pub fn lines(text: &Text, module: &Module<'_>, bodies: &Bodies) -> Lines {
    let function = |(number, body): (usize, Body)| {
        let at = |offset: u64| text.lines.partition_point(|(line, _)| *line < bodies.code_start + offset);
        // The function's own line, with its parameters, shows where its body begins or its size.
        let lines = &text.lines[at(body.entry)..at(body.end)];
        let row = |(offset, line): &(u64, u32)| {
            let address = (offset - bodies.code_start).max(body.start) as u32;
            LineRow { address, file: 0, line: *line, column: 1 }
        };
        let mut rows: Vec<LineRow> = lines.iter().map(row).collect();
        // Several lines at one offset have no code, but for the last.
        rows.dedup_by(|next, last| {
            let is_same = next.address == last.address;
            if is_same && last.address > body.start as u32 {
                *last = *next;
            }
            is_same
        });
        let func = FuncIndex::from_u32((module.imported_functions + number) as u32);
        let (start, end) = (body.start as u32, body.end as u32);
        Some(LineFunction { name: module.function_name(func), start, end, rows })
            .filter(|function| !function.rows.is_empty())
    };
    Lines {
        producer: "WebAssembly text",
        // Debuggers don't know the text format.
        language: DW_LANG_C99,
        name: text.path.clone(),
        files: vec![text.path.clone()],
        functions: bodies.all().enumerate().filter_map(function).collect(),
    }
}
