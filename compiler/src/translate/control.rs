//! Structured control flow. Each Wasm block is a frame that knows where a branch to it goes.
//!
//! Code that can't be reached isn't translated; frames opened there are only counted.

use cranelift_codegen::ir::{Block, BlockArg, BlockCall, InstBuilder, JumpTableData, Value};
use wasm_aot_abi::trap::Trap;
use wasmparser::{BlockType, BrTable};

use super::environment::{trap_code, value_type};
use super::frame::{Frame, Kind, LegacyTry};
use super::operator::operators;
use super::translator::Translator;
use crate::parse::TypeIndex;

operators! { structure |t|
    Block { blockty } => t.block(blockty),
    Loop { blockty } => t.loop_(blockty),
    If { blockty } => t.if_(blockty),
    Else => t.else_(),
    End => t.end(),
}

operators! { |t|
    Nop => {},
    Unreachable => {
        t.builder.ins().trap(trap_code(Trap::Unreachable));
        t.reachable = false;
    },
    Br { relative_depth } => {
        let (target, arguments) = t.branch_target(relative_depth);
        t.builder.ins().jump(target, &arguments);
        t.reachable = false;
    },
    BrIf { relative_depth } => t.br_if(relative_depth),
    BrTable<'_> { targets } => t.br_table(&targets),
    Return => {
        let count = t.frames[0].results;
        let results = t.stack[t.stack.len() - count..].to_vec();
        t.store_fuel();
        t.return_results(&results);
        t.reachable = false;
    },
}

impl Translator<'_, '_, '_> {
    /// The number of parameters and the types of the results of a block.
    pub fn block_type(&self, ty: BlockType) -> (Vec<wasmparser::ValType>, Vec<wasmparser::ValType>) {
        match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(ty) => (Vec::new(), vec![ty]),
            BlockType::FuncType(index) => {
                let ty = self.instance.module.signature(TypeIndex::from_u32(index));
                (ty.params().to_vec(), ty.results().to_vec())
            }
        }
    }

    pub fn block_with_params(&mut self, types: &[wasmparser::ValType]) -> Block {
        let block = self.builder.create_block();
        for ty in types {
            let value = self.builder.append_block_param(block, value_type(*ty));
            self.track(value, *ty);
        }
        block
    }

    /// Opens a frame in code that can't be reached.
    pub fn push_dead(&mut self) {
        self.push_frame(Kind::Dead, self.stack.len(), 0);
    }

    pub fn push_frame(&mut self, kind: Kind, height: usize, results: usize) {
        let handlers = self.handlers.len();
        let frame = Frame { kind, height, results, handlers_outside: handlers, handlers_inside: handlers };
        self.frames.push(frame);
    }

    fn block(&mut self, ty: BlockType) {
        if !self.reachable {
            return self.push_dead();
        }
        let (params, results) = self.block_type(ty);
        let end = self.block_with_params(&results);
        let height = self.stack.len() - params.len();
        self.push_frame(Kind::Block { end, reached: false }, height, results.len());
    }

    fn loop_(&mut self, ty: BlockType) {
        if !self.reachable {
            return self.push_dead();
        }
        let (params, results) = self.block_type(ty);
        self.forget_symbols();
        let header = self.block_with_params(&params);
        let arguments = self.top(params.len());
        self.builder.ins().jump(header, &arguments);
        self.builder.switch_to_block(header);
        let height = self.stack.len() - params.len();
        self.stack.truncate(height);
        self.stack.extend_from_slice(self.builder.block_params(header));
        self.check_fuel();
        let kind = Kind::Loop { header, params: params.len() };
        self.push_frame(kind, height, results.len());
    }

    fn if_(&mut self, ty: BlockType) {
        if !self.reachable {
            return self.push_dead();
        }
        let condition = self.pop();
        let (params, results) = self.block_type(ty);
        let end = self.block_with_params(&results);
        let then = self.builder.create_block();
        let otherwise = self.builder.create_block();
        match self.hint {
            Some(true) => self.builder.set_cold_block(otherwise),
            Some(false) => self.builder.set_cold_block(then),
            None => {}
        }
        self.builder.ins().brif(condition, then, &[], otherwise, &[]);
        self.builder.seal_block(then);
        self.builder.seal_block(otherwise);
        self.builder.switch_to_block(then);
        let height = self.stack.len() - params.len();
        let params = self.stack[height..].to_vec();
        let kind = Kind::If { end, otherwise, params, reached: false };
        self.push_frame(kind, height, results.len());
    }

    fn else_(&mut self) {
        let frame = self.frames.last_mut().expect("validated: `else` has its `if`");
        let Kind::If { end, otherwise, params, reached } = &mut frame.kind else {
            return; // opened in dead code
        };
        let (end, otherwise, params) = (*end, *otherwise, std::mem::take(params));
        let (reached, height, results) = (*reached | self.reachable, frame.height, frame.results);
        frame.kind = Kind::Block { end, reached };
        if self.reachable {
            let arguments = self.top(results);
            self.builder.ins().jump(end, &arguments);
        }
        self.builder.switch_to_block(otherwise);
        self.stack.truncate(height);
        self.stack.extend(params);
        self.reachable = true;
    }

    /// `end`, or what ends a block like it.
    pub fn end(&mut self) {
        let frame = self.frames.pop().expect("validated: `end` has its block");
        self.handlers.truncate(frame.handlers_outside);
        match frame.kind {
            Kind::Dead => {}
            Kind::Loop { header, .. } => {
                self.builder.seal_block(header);
                if !self.reachable {
                    self.stack.truncate(frame.height);
                }
            }
            Kind::Block { end, reached } => {
                self.fall_through(end, frame.results);
                self.enter_end(end, reached, frame.height);
            }
            Kind::TryTable { end, reached, catches } => {
                self.fall_through(end, frame.results);
                for (catch, landing) in catches {
                    self.catch_clause(catch, landing);
                }
                self.enter_end(end, reached, frame.height);
            }
            Kind::LegacyTry(LegacyTry { end, reached, .. }) => {
                self.fall_through(end, frame.results);
                self.enter_end(end, reached, frame.height);
            }
            Kind::If { end, otherwise, params, .. } => {
                self.fall_through(end, frame.results);
                self.builder.switch_to_block(otherwise);
                let arguments: Vec<_> = params.into_iter().map(BlockArg::Value).collect();
                self.builder.ins().jump(end, &arguments);
                self.enter_end(end, true, frame.height);
            }
        }
        if self.frames.is_empty() && self.reachable {
            let results = std::mem::take(&mut self.stack);
            self.store_fuel();
            self.return_results(&results);
            self.reachable = false;
        }
    }

    pub fn fall_through(&mut self, end: Block, results: usize) {
        if self.reachable {
            let arguments = self.top(results);
            self.builder.ins().jump(end, &arguments);
        }
    }

    /// Continues after a frame, if that point is reachable.
    fn enter_end(&mut self, end: Block, reached: bool, height: usize) {
        self.builder.seal_block(end);
        self.stack.truncate(height);
        self.reachable |= reached;
        if self.reachable {
            self.builder.switch_to_block(end);
            self.stack.extend_from_slice(self.builder.block_params(end));
        }
    }

    /// Block and arguments of a branch to the frame at this depth.
    pub fn branch_target(&mut self, depth: u32) -> (Block, Vec<BlockArg>) {
        let (block, count) = self.branch_block(depth);
        (block, self.top(count))
    }

    /// Block of a branch to the frame at this depth, and the number of its parameters.
    pub fn branch_block(&mut self, depth: u32) -> (Block, usize) {
        let index = self.frames.len() - 1 - depth as usize;
        let frame = &mut self.frames[index];
        match &mut frame.kind {
            Kind::Block { end, reached }
            | Kind::If { end, reached, .. }
            | Kind::TryTable { end, reached, .. }
            | Kind::LegacyTry(LegacyTry { end, reached, .. }) => {
                *reached = true;
                (*end, frame.results)
            }
            Kind::Loop { header, params } => (*header, *params),
            Kind::Dead => unreachable!("reachable code isn't inside a dead frame"),
        }
    }

    fn br_if(&mut self, depth: u32) {
        let condition = self.pop();
        self.branch_if(condition, depth);
    }

    /// Branches to the frame at this depth, with the operands that it takes, or continues.
    pub fn branch_if(&mut self, condition: Value, depth: u32) {
        let (target, arguments) = self.branch_target(depth);
        let next = self.builder.create_block();
        if self.hint == Some(true) {
            self.builder.set_cold_block(next);
        }
        self.builder.ins().brif(condition, target, &arguments, next, &[]);
        self.builder.seal_block(next);
        self.builder.switch_to_block(next);
    }

    fn br_table(&mut self, table: &BrTable<'_>) {
        let index = self.pop();
        let mut call = |depth: u32| -> BlockCall {
            let (block, arguments) = self.branch_target(depth);
            BlockCall::new(block, arguments, &mut self.builder.func.dfg.value_lists)
        };
        let targets: Vec<BlockCall> = table.targets().map(|depth| call(depth.expect("validated"))).collect();
        let default = call(table.default());
        let table = self.builder.create_jump_table(JumpTableData::new(default, &targets));
        self.builder.ins().br_table(index, table);
        self.reachable = false;
    }
}
