//! Which values the locals and operands have that debug information names, wherever the function can be. A local is set to
//! values of the code's static single assignment form, each of which is the same wherever it is; where several come
//! together, `flow` finds out which it is. So whatever place a value has in machine code, it is right. Nothing here changes
//! the code.

mod flow;
mod span;

use std::collections::BTreeSet;

use cranelift_codegen::ir::{Block, Function, Value};
use wasmparser::Operator;

use crate::program::GlobalId;
use span::History;
pub use span::{Span, Subject};

/// What the debug information names in a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Indices of locals, ascending.
    pub locals: Vec<u32>,
    /// Those that it names are among this many operands from the bottom of the stack.
    pub operands: u32,
    /// Whether it names globals.
    pub globals: bool,
}

/// The values in a function.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// By subject, then by offset.
    pub spans: Vec<Span>,
    /// Values that globals have from the function's start to its end.
    pub globals: Vec<(GlobalId, Value)>,
    /// The globals that the function may change; none if they are unknown, since it calls others.
    pub written: Option<Vec<GlobalId>>,
    /// Whether it ends with calls that replace its frame.
    pub tail_calls: bool,
}

/// What happens to the values while a function is translated.
pub struct Recorder<'w> {
    wanted: &'w Wanted,
    /// From which offset on the operators are in which block; none if they can't be executed.
    runs: Vec<(u32, Option<Block>)>,
    /// By position in `wanted.locals`.
    locals: Vec<History>,
    /// What has been recorded of each operand, and when that changed.
    operands: Vec<Option<Value>>,
    changes: Vec<(u32, u32, Option<Value>)>,
    entry: Vec<(Subject, Value)>,
    read: Vec<(GlobalId, Value)>,
    written: BTreeSet<GlobalId>,
    calls: bool,
    tail_calls: bool,
}

impl<'w> Recorder<'w> {
    pub fn new(wanted: &'w Wanted) -> Recorder<'w> {
        Recorder {
            wanted,
            runs: Vec::new(),
            locals: wanted.locals.iter().map(|_| History::default()).collect(),
            operands: vec![None; wanted.operands as usize],
            changes: Vec::new(),
            entry: Vec::new(),
            read: Vec::new(),
            written: BTreeSet::new(),
            calls: false,
            tail_calls: false,
        }
    }

    fn history(&mut self, local: u32) -> Option<&mut History> {
        let position = self.wanted.locals.binary_search(&local).ok()?;
        Some(&mut self.locals[position])
    }

    /// Records a parameter, in the entry block. Other locals are 0 at first, which is no value of any variable.
    pub fn param(&mut self, local: u32, entry: Block, value: Value) {
        if let Some(history) = self.history(local) {
            history.sets.push((entry, 0, value));
            self.entry.push((Subject::Entry(local), value));
        }
    }

    /// Records the parameter that is the address of the state.
    pub fn state(&mut self, state: Value) {
        self.entry.push((Subject::State, state));
    }

    /// Records that the operator at this offset, in this block, has set a local.
    pub fn set(&mut self, local: u32, block: Block, value: Value) {
        let offset = self.offset();
        if let Some(history) = self.history(local) {
            history.sets.push((block, offset, value));
        }
    }

    /// Records the value that a local turned out to have.
    pub fn get(&mut self, local: u32, block: Block, value: Value) {
        let Some(history) = self.history(local) else { return };
        if history.sets.last().is_none_or(|(last, ..)| *last != block) {
            history.reads.entry(block).or_insert(value);
        }
    }

    /// Records what a global turned out to be.
    pub fn global(&mut self, global: GlobalId, value: Value) {
        self.read.push((global, value));
    }

    pub fn write_global(&mut self, global: GlobalId) {
        self.written.insert(global);
    }

    fn offset(&self) -> u32 {
        self.runs.last().map_or(0, |(offset, _)| *offset)
    }

    /// Begins the operator at this offset in the module, which is in this block, if it can be executed.
    pub fn operator(&mut self, operator: &Operator<'_>, offset: u32, block: Option<Block>, stack: &[Value]) {
        self.runs.push((offset, block));
        let stack = if block.is_some() { stack } else { &[] };
        for (index, known) in self.operands.iter_mut().enumerate() {
            let value = stack.get(index).copied();
            if *known != value {
                *known = value;
                self.changes.push((index as u32, offset, value));
            }
        }
        match operator {
            Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
                self.calls = true
            }
            Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. } => (self.calls, self.tail_calls) = (true, true),
            _ => {}
        }
    }

    /// The values, now that the function is complete.
    pub fn finish(self, func: &Function) -> Labels {
        let everywhere = |(subject, value): &(Subject, Value)| Span {
            subject: *subject,
            offsets: 0..u32::MAX,
            value: *value,
        };
        let mut spans: Vec<Span> = self.entry.iter().map(everywhere).collect();
        let mut flow = flow::Flow::new(func, &self.runs);
        for (local, history) in self.wanted.locals.iter().zip(&self.locals) {
            flow.solve(history, Subject::Local(*local), &mut spans);
        }
        spans.extend(self.operand_spans());
        for span in &mut spans {
            span.value = func.dfg.resolve_aliases(span.value);
        }
        spans.sort_by_key(|span| (span.subject, span.offsets.start));
        let written = (!self.calls).then_some(self.written);
        let is_fixed = |(global, _): &&(GlobalId, Value)| {
            written.as_ref().is_some_and(|written| !written.contains(global))
        };
        let globals = self.read.iter().filter(is_fixed);
        let globals = globals.map(|(global, value)| (*global, func.dfg.resolve_aliases(*value))).collect();
        Labels { spans, globals, written: written.map(Vec::from_iter), tail_calls: self.tail_calls }
    }

    fn operand_spans(&self) -> Vec<Span> {
        let mut open: Vec<Option<(u32, Value)>> = vec![None; self.operands.len()];
        let mut spans = Vec::new();
        let end = self.offset().saturating_add(1);
        let clears = (0..self.operands.len() as u32).map(|index| (index, end, None));
        for (index, offset, value) in self.changes.iter().copied().chain(clears) {
            let next = value.map(|value| (offset, value));
            if let Some((start, value)) = std::mem::replace(&mut open[index as usize], next) {
                spans.push(Span { subject: Subject::Operand(index), offsets: start..offset, value });
            }
        }
        spans
    }
}
