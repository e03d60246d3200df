//! The line table of a program whose modules have debug information: from the sites in its code to what
//! `wasm_aot_abi::line` describes.

mod access;
mod coder;
mod table;

use std::collections::HashMap;
use std::ptr;

use wasm_aot_abi::layout::FunctionTable;
use wasm_aot_abi::line::{self as abi, Backtrace, LineInfo, MOST_NESTED};
use wasm_aot_abi::shared::Store;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, PlacedFunction, Reference, Symbolic};
use crate::debug::Inputs;
use crate::debug::lines::{InlinedCall, Lines, Position as Place};
use crate::escape::escape;
use crate::layout::Symbol;
use crate::parse::{Demangler, Module};
use crate::program::Program;

/// What is known of the source of a program, and what is shown of it.
#[derive(Clone, Copy)]
pub struct LineOptions<'i, 'p> {
    pub inputs: &'i Inputs<'p>,
    /// Whether the program is to have no more of it than the user asks for.
    pub stripped: bool,
    /// `--backtrace`.
    pub backtrace: Option<Backtrace>,
    /// Whether the user can't choose something else.
    pub locked: bool,
}

/// How the runtime reports a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    Nothing,
    Names,
    Lines,
}

impl LineOptions<'_, '_> {
    /// The reporter of a program. Only one whose modules have debug information, or for which the user has asked, has a line
    /// table.
    pub fn reporter(self) -> Reporter {
        match self.backtrace {
            Some(Backtrace::Message) if self.locked => Reporter::Nothing,
            None if self.stripped || self.inputs.is_empty() => Reporter::Names,
            _ => Reporter::Lines,
        }
    }
}

impl Reporter {
    pub fn symbol(self) -> &'static str {
        match self {
            Reporter::Nothing => symbols::REPORT_NOTHING,
            Reporter::Names => symbols::REPORT_NAMES,
            Reporter::Lines => symbols::REPORT_LINES,
        }
    }
}

/// Adds the line table.
pub fn add<'p>(
    encoder: &mut Encoder<'_>,
    program: &Program<'p>,
    placed: &[PlacedFunction<'_>],
    text: (Reference<u8>, Reference<u8>),
    functions: FunctionTable<Symbolic>,
    options: LineOptions<'_, 'p>,
) {
    let table = table(program, placed, options.inputs);
    let info = LineInfo::<Symbolic> {
        mark: LineInfo::MARK,
        version: LineInfo::VERSION,
        text_start: text.0,
        text_end: text.1,
        functions,
        table: encoder.array(&table),
        table_bytes: table.len() as u64,
        backtrace: options.backtrace.unwrap_or(Backtrace::Frames) as u64,
        is_locked: options.locked.into(),
    };
    encoder.define(symbols::LINES, info);
}

fn table<'p>(program: &Program<'p>, placed: &[PlacedFunction<'_>], inputs: &Inputs<'p>) -> Vec<u8> {
    let mut table = table::Lines::new();
    let mut modules: HashMap<usize, Source<'_, '_>> = HashMap::new();
    for PlacedFunction { start, function } in placed {
        let Symbol::Func(func) = function.source else { continue };
        let Some((instance, _)) = program.wasm(func) else { continue };
        let module = instance.module;
        let source =
            modules.entry(ptr::from_ref(module).addr()).or_insert_with(|| Source::new(module, inputs));
        for site in &function.sites {
            let (position, call) = source.find(site.wasm, &mut table);
            table.site(abi::Site {
                offset: start + site.offset,
                wasm: site.wasm,
                access: access::of(module.bytes, site.wasm),
                call,
                position,
            });
        }
    }
    table.encode()
}

/// Where the code of a module comes from.
struct Source<'m, 'a> {
    module: &'m Module<'a>,
    lines: Option<Lines>,
    demangler: Demangler,
    /// The numbers of its files and inlined calls in the table, as far as they are known.
    files: HashMap<u32, u32>,
    calls: HashMap<u32, u32>,
    /// How many calls each inlined call is in, with itself, by their numbers.
    depths: Vec<u32>,
}

impl<'m, 'a> Source<'m, 'a> {
    fn new(module: &'m Module<'a>, inputs: &Inputs<'a>) -> Source<'m, 'a> {
        let lines = inputs.of(module).map(Lines::of);
        let calls = lines.iter().flat_map(Lines::calls);
        let depths = depths(lines.as_ref().map_or(&[], Lines::calls));
        let demangler = Demangler::new(calls.map(|call| call.name.len()).sum());
        Source { module, lines, demangler, files: HashMap::new(), calls: HashMap::new(), depths }
    }

    /// The position of an operator, and the number of the innermost inlined call that it is in.
    fn find(&mut self, wasm: u32, table: &mut table::Lines) -> (abi::Position, u32) {
        let Some(lines) = &self.lines else { return Default::default() };
        let Some(offset) = u64::from(wasm).checked_sub(self.module.code_start) else {
            return Default::default();
        };
        let (position, call) = within(lines.calls(), &self.depths, lines.find(offset));
        // From the outermost one on, so that each has a higher number than that around it.
        let mut around = Vec::new();
        let mut next = call;
        while next != 0 && !self.calls.contains_key(&next) {
            around.push(next);
            next = lines.calls()[next as usize - 1].parent;
        }
        for number in around.into_iter().rev() {
            let call = &lines.calls()[number as usize - 1];
            let name = escape(&self.demangler.demangle(&call.name)).into_owned();
            let call = abi::Call {
                parent: self.calls.get(&call.parent).copied().unwrap_or(0),
                name: table.name(&name),
                position: place(lines, &mut self.files, call.position, table),
            };
            self.calls.insert(number, table.call(call));
        }
        let position = place(lines, &mut self.files, position, table);
        (position, self.calls.get(&call).copied().unwrap_or(0))
    }
}

/// The depth of each inlined call, by its number: 0 is none.
fn depths(calls: &[InlinedCall]) -> Vec<u32> {
    let mut depths = vec![0];
    for call in calls {
        depths.push(depths[call.parent as usize] + 1);
    }
    depths
}

/// A position and its innermost call, of which the runtime follows only [`MOST_NESTED`]: what is inlined deeper counts as a part of
/// the function that it was inlined into.
fn within(calls: &[InlinedCall], depths: &[u32], found: (Place, u32)) -> (Place, u32) {
    let (mut position, mut call) = found;
    while depths[call as usize] > MOST_NESTED as u32 {
        let InlinedCall { parent, position: place, .. } = &calls[call as usize - 1];
        (position, call) = (*place, *parent);
    }
    (position, call)
}

/// A position in the table.
fn place(
    lines: &Lines,
    files: &mut HashMap<u32, u32>,
    position: Place,
    table: &mut table::Lines,
) -> abi::Position {
    let file = files.entry(position.file).or_insert_with(|| table.name(&escape(lines.file(position.file))));
    abi::Position { file: *file, line: position.line, column: position.column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_the_runtime_does_not_follow_have_no_positions() {
        let at = |line| Place { file: 1, line, column: 0 };
        // Each is in the one before, and called at a line of its number.
        let call =
            |number: u32| InlinedCall { parent: number - 1, name: String::new(), position: at(number) };
        let calls: Vec<InlinedCall> = (1..100).map(call).collect();
        let depths = depths(&calls);
        let most = MOST_NESTED as u32;
        assert_eq!(within(&calls, &depths, (at(500), 0)), (at(500), 0));
        assert_eq!(within(&calls, &depths, (at(500), most)), (at(500), most));
        // In the function of the last call that is followed, it is at the call of the next one.
        assert_eq!(within(&calls, &depths, (at(500), most + 1)), (at(most + 1), most));
        assert_eq!(within(&calls, &depths, (at(500), 99)), (at(most + 1), most));
    }
}
