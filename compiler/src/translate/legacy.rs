//! The legacy instructions of exception handling (proposal "exception-handling", `legacy/Exceptions.md`),
//! which toolchains still emit: `try`, `catch`, `catch_all`, `delegate`, `rethrow`.
//!
//! What a `try` catches is written after its body, but the calls in the body must know it; so the
//! operators of a function that has a `try` are read once before they are translated.

use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::{BinaryReader, BlockType, Operator, OperatorsReader};

use super::control::{Frame, Kind};
use super::environment::trap_code;
use super::function::Translator;
use super::handlers::Handler;
use crate::parse::TagIndex;

/// What a `try` catches.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Try {
    clauses: Vec<Clause>,
    /// Depth, from outside the `try`, of the frame whose handlers get its exceptions.
    delegate: Option<u32>,
}

#[derive(Debug, PartialEq, Eq)]
struct Clause {
    /// All exceptions without a tag.
    tag: Option<u32>,
    /// A `rethrow` refers to the clause.
    rethrown: bool,
}

/// The part of a `try` that is being translated.
pub struct LegacyTry {
    pub end: Block,
    pub reached: bool,
    /// Landings of the clauses that are still to come.
    landings: std::vec::IntoIter<Block>,
    /// The exception that the current clause has caught.
    caught: Option<Value>,
}

/// What the `try`s of a function catch, in the order of the `try`s.
pub fn scan(body: BinaryReader<'_>) -> std::vec::IntoIter<Try> {
    let valid = "validated: the body can be read";
    let mut tries: Vec<Try> = Vec::new();
    // Open blocks; a `try` with its number.
    let mut open: Vec<Option<usize>> = vec![None];
    let mut operators = OperatorsReader::new(body);
    while !operators.eof() {
        let op = operators.read().expect(valid);
        let current = open.last().copied().flatten();
        let mut clause = |tag| {
            let current = current.expect("validated: a clause belongs to a `try`");
            tries[current].clauses.push(Clause { tag, rethrown: false });
        };
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(None),
            Operator::TryTable { .. } => open.push(None),
            Operator::Try { .. } => {
                open.push(Some(tries.len()));
                tries.push(Try::default());
            }
            Operator::Catch { tag_index } => clause(Some(tag_index)),
            Operator::CatchAll => clause(None),
            Operator::Rethrow { relative_depth } => {
                let frame = open[open.len() - 1 - relative_depth as usize];
                let clause = frame.and_then(|number| tries[number].clauses.last_mut());
                clause.expect("validated: `rethrow` is inside a clause").rethrown = true;
            }
            Operator::Delegate { relative_depth } => {
                tries[current.expect("validated: `delegate` ends a `try`")].delegate = Some(relative_depth);
                open.pop();
            }
            Operator::End => _ = open.pop(),
            _ => {}
        }
    }
    tries.into_iter()
}

impl Translator<'_, '_, '_> {
    /// `try`.
    pub fn legacy_try(&mut self, ty: BlockType) {
        let info = self.tries.next().expect("every `try` was scanned");
        if !self.reachable {
            return self.push_dead();
        }
        let (params, results) = self.block_type(ty);
        let end = self.block_with_params(&results);
        let outside = self.handlers.len();
        if let Some(depth) = info.delegate {
            let frame = &self.frames[self.frames.len() - 1 - depth as usize];
            self.handlers.delegate(frame.handlers_inside);
        }
        let (mut landings, mut handlers) = (Vec::new(), Vec::new());
        for clause in info.clauses.iter().rev() {
            let tag = clause.tag.map(|tag| self.instance.tags[TagIndex::from_u32(tag)]);
            let landing = self.landing(clause.rethrown);
            landings.push(landing);
            handlers.push(Handler { tag, keep: clause.rethrown, landing });
        }
        landings.reverse();
        handlers.reverse();
        self.handlers.catch(handlers);
        let kind =
            Kind::LegacyTry(LegacyTry { end, reached: false, landings: landings.into_iter(), caught: None });
        self.frames.push(Frame {
            kind,
            height: self.stack.len() - params.len(),
            results: results.len(),
            handlers_outside: outside,
            handlers_inside: self.handlers.len(),
        });
    }

    /// `catch`, or `catch_all` without a tag: ends the body or the previous clause.
    pub fn legacy_catch(&mut self, tag: Option<u32>) {
        let frame = self.frames.last_mut().expect("validated: a clause belongs to a `try`");
        let Kind::LegacyTry(legacy) = &mut frame.kind else {
            return; // opened in dead code
        };
        let landing = legacy.landings.next().expect("every clause was scanned");
        let caught = self.builder.block_params(landing)[0];
        legacy.reached |= self.reachable;
        legacy.caught = Some(caught);
        let (end, height, results) = (legacy.end, frame.height, frame.results);
        frame.handlers_inside = frame.handlers_outside;
        self.handlers.truncate(frame.handlers_outside);
        self.fall_through(end, results);
        self.builder.seal_block(landing);
        self.builder.switch_to_block(landing);
        self.load_fuel();
        self.stack.truncate(height);
        self.reachable = true;
        if let Some(tag) = tag {
            let tag = self.instance.tags[TagIndex::from_u32(tag)];
            let values = self.exception_values(caught, tag);
            self.stack.extend(values);
        }
    }

    /// `rethrow`: throws what the clause at this depth has caught.
    pub fn rethrow(&mut self, depth: u32) {
        let frame = &self.frames[self.frames.len() - 1 - depth as usize];
        let Kind::LegacyTry(LegacyTry { caught: Some(caught), .. }) = frame.kind else {
            unreachable!("validated: `rethrow` names a clause");
        };
        self.throw_reference(caught);
    }

    /// A block that takes the address of a caught exception, which is in the heap if the clause is to `keep` it.
    pub fn landing(&mut self, keep: bool) -> Block {
        let landing = self.builder.create_block();
        let exception = self.builder.append_block_param(landing, types::I64);
        if keep {
            self.track_canonical(exception, wasmparser::ValType::Ref(wasmparser::RefType::EXNREF));
        }
        self.builder.set_cold_block(landing);
        landing
    }

    /// Ends a block after a call that doesn't come back.
    pub fn no_return(&mut self) {
        self.builder.ins().trap(trap_code(Trap::Unreachable));
        self.reachable = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scan_finds_clauses_delegates_and_rethrows() {
        let wasm = wat::parse_str(
            "(module (tag $a) (func
               try try delegate 0
               catch $a
               catch_all (block (rethrow 1)) end))",
        )
        .unwrap();
        let module = crate::parse::parse(&wasm, crate::parse::features::SUPPORTED).unwrap();
        let body = &module.defined.values().next().unwrap().body;
        let mut locals = body.get_locals_reader().unwrap();
        for _ in 0..locals.get_count() {
            locals.read().unwrap();
        }
        let clause = |tag, rethrown| Clause { tag, rethrown };
        let expected = vec![
            Try { clauses: vec![clause(Some(0), false), clause(None, true)], delegate: None },
            Try { clauses: Vec::new(), delegate: Some(0) },
        ];
        assert_eq!(scan(locals.get_binary_reader()).collect::<Vec<_>>(), expected);
    }
}
