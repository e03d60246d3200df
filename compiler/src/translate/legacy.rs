//! The legacy instructions of exception handling (proposal "exception-handling", `legacy/Exceptions.md`),
//! which toolchains still emit: `try`, `catch`, `catch_all`, `delegate`, `rethrow`.
//!
//! The clauses of a `try` come after its body, but the calls in the body must know them; so the operators of
//! a function that has a `try` are read once before they are translated (`tries`).

use wasmparser::BlockType;

use super::frame::{Frame, Kind, LegacyTry};
use super::handlers::Handler;
use super::operator::operators;
use super::translator::Translator;
use crate::parse::TagIndex;

operators! { structure |t|
    Try { blockty } => t.legacy_try(blockty),
    Catch { tag_index } => t.legacy_catch(Some(tag_index)),
    CatchAll => t.legacy_catch(None),
    Delegate { .. } => t.end(),
}

operators! { |t|
    Rethrow { relative_depth } => t.rethrow(relative_depth),
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
}
