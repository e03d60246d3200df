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
use crate::codegen;
use crate::debug::Inputs;
use crate::debug::lines::{InlinedCall, Lines, Position as Place};
use crate::escape::escape;
use crate::facts::Inlining;
use crate::layout::Symbol;
use crate::parse::{Demangler, Module};
use crate::program::{FuncId, Program};

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
    /// Of a program in which nothing was inlined.
    Names,
    Inlined,
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
            Reporter::Inlined => symbols::REPORT_INLINED,
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
    let mut sources = Sources { program, inputs, table: table::Lines::new(), modules: HashMap::new() };
    for PlacedFunction { start, function } in placed {
        let Symbol::Func(func) = function.source else { continue };
        if program.wasm(func).is_none() {
            continue;
        }
        let mut calls = vec![None; function.inlined.len()];
        for site in &function.sites {
            let codegen::Place { wasm, call } = site.place;
            let around = sources.inlined(func, &function.inlined, &mut calls, call);
            let func = callee(func, &function.inlined, call);
            let (position, call) = sources.find(func, wasm, around);
            let access = program
                .wasm(func)
                .map_or(abi::Access::NONE, |(instance, _)| access::of(instance.module.bytes, wasm));
            sources.table.site(abi::Site { offset: start + site.offset, wasm, access, call, position });
        }
    }
    sources.table.encode()
}

/// The function that has the operators in an inlined call.
fn callee(func: FuncId, inlined: &[codegen::InlinedCall], call: u32) -> FuncId {
    call.checked_sub(1).map_or(func, |index| inlined[index as usize].callee)
}

/// Where the code of all modules comes from.
struct Sources<'m, 'a> {
    program: &'m Program<'a>,
    inputs: &'m Inputs<'a>,
    table: table::Lines,
    modules: HashMap<usize, Source<'m, 'a>>,
}

impl Sources<'_, '_> {
    /// The number in the table of a call that was inlined into a function, and of those that it is in: each has a higher number than
    /// that around it. `known`: those that are in the table.
    fn inlined(
        &mut self,
        func: FuncId,
        inlined: &[codegen::InlinedCall],
        known: &mut [Option<u32>],
        call: u32,
    ) -> u32 {
        let mut missing = Vec::new();
        let mut next = call;
        while let Some(index) = next.checked_sub(1).filter(|index| known[*index as usize].is_none()) {
            missing.push(index as usize);
            next = inlined[index as usize].parent;
        }
        for index in missing.into_iter().rev() {
            let codegen::InlinedCall { callee: inner, parent, wasm } = inlined[index];
            let around = parent.checked_sub(1).and_then(|index| known[index as usize]).unwrap_or(0);
            let (position, parent) = self.find(callee(func, inlined, parent), wasm, around);
            let name = self.table.name(&self.program.funcs[inner].name);
            known[index] = Some(self.table.call(abi::Call { parent, name, position, wasm }));
        }
        call.checked_sub(1).and_then(|index| known[index as usize]).unwrap_or(0)
    }

    /// The position of an operator of a function, and the number of the innermost inlined call that it is in, inside that which is
    /// `around`.
    fn find(&mut self, func: FuncId, wasm: u32, around: u32) -> (abi::Position, u32) {
        let Some((instance, _)) = self.program.wasm(func) else { return (abi::Position::default(), around) };
        let (module, inputs) = (instance.module, self.inputs);
        let key = ptr::from_ref(module).addr();
        let source = self.modules.entry(key).or_insert_with(|| Source::new(module, inputs));
        // Each call that the compiler inlined is one more, and they aren't nested deeper than that.
        let most = (MOST_NESTED as u32 - Inlining::DEEPEST).saturating_sub(self.table.depth(around));
        source.find(wasm, around, most, &mut self.table)
    }
}

/// Where the code of a module comes from.
struct Source<'m, 'a> {
    module: &'m Module<'a>,
    lines: Option<Lines>,
    demangler: Demangler,
    /// The numbers of its files in the table, as far as they are known.
    files: HashMap<u32, u32>,
    /// Those of the calls that the module's producer inlined, by what is around them and their own numbers.
    calls: HashMap<(u32, u32), u32>,
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

    /// The position of an operator, and the number of the innermost inlined call that it is in, inside that which is `around`. At most
    /// `most` calls are nested there.
    fn find(&mut self, wasm: u32, around: u32, most: u32, table: &mut table::Lines) -> (abi::Position, u32) {
        let nothing = (abi::Position::default(), around);
        let Some(lines) = &self.lines else { return nothing };
        let Some(offset) = u64::from(wasm).checked_sub(self.module.code_start) else { return nothing };
        let (position, call) = within(lines.calls(), &self.depths, most, lines.find(offset));
        // From the outermost one on, so that each has a higher number than that around it.
        let mut missing = Vec::new();
        let mut next = call;
        while next != 0 && !self.calls.contains_key(&(around, next)) {
            missing.push(next);
            next = lines.calls()[next as usize - 1].parent;
        }
        for number in missing.into_iter().rev() {
            let call = &lines.calls()[number as usize - 1];
            let name = escape(&self.demangler.demangle(&call.name)).into_owned();
            let call = abi::Call {
                parent: self.calls.get(&(around, call.parent)).copied().unwrap_or(around),
                name: table.name(&name),
                position: place(lines, &mut self.files, call.position, table),
                wasm: 0,
            };
            self.calls.insert((around, number), table.call(call));
        }
        let position = place(lines, &mut self.files, position, table);
        (position, self.calls.get(&(around, call)).copied().unwrap_or(around))
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

/// A position and its innermost call, but with at most this many nested calls, as the runtime follows no more than [`MOST_NESTED`]: what
/// is inlined deeper counts as a part of the function that it was inlined into.
fn within(calls: &[InlinedCall], depths: &[u32], most: u32, found: (Place, u32)) -> (Place, u32) {
    let (mut position, mut call) = found;
    while depths[call as usize] > most {
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
        assert_eq!(within(&calls, &depths, most, (at(500), 0)), (at(500), 0));
        assert_eq!(within(&calls, &depths, most, (at(500), most)), (at(500), most));
        // In the function of the last call that is followed, it is at the call of the next one.
        assert_eq!(within(&calls, &depths, most, (at(500), most + 1)), (at(most + 1), most));
        assert_eq!(within(&calls, &depths, most, (at(500), 99)), (at(most + 1), most));
    }
}
