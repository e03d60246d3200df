//! Structured control flow. Each Wasm block is a frame that knows where a branch to it goes.
//!
//! Code that can't be reached isn't translated; frames opened there are only counted.

use cranelift_codegen::ir::{Block, BlockArg, BlockCall, InstBuilder, JumpTableData};
use wasm_aot_abi::trap::Trap;
use wasmparser::{BlockType, BrTable, Operator};

use super::environment::{trap_code, value_type};
use super::function::Translator;
use crate::parse::TypeIndex;

/// A control frame.
pub struct Frame {
    kind: Kind,
    /// Operands below the frame's parameters.
    height: usize,
    results: usize,
}

enum Kind {
    /// Branches go to the end. `reached`: some branch does.
    Block { end: Block, reached: bool },
    /// Branches go to the start, with `params` operands.
    Loop { header: Block, params: usize },
    /// As `Block`, until `else` is seen; then `Block`. `params`: the operands at its start.
    If { end: Block, otherwise: Block, params: Vec<cranelift_codegen::ir::Value>, reached: bool },
    /// Opened in code that can't be reached.
    Dead,
}

impl Frame {
    /// The frame of a function's body.
    pub fn body(exit: Block, results: usize) -> Frame {
        Frame { kind: Kind::Block { end: exit, reached: false }, height: 0, results }
    }
}

impl Translator<'_, '_, '_> {
    /// Translates an operator that changes control flow. Also called for unreachable code.
    pub fn control_operator(&mut self, op: &Operator<'_>) -> bool {
        match op {
            Operator::Block { blockty } => self.block(*blockty),
            Operator::Loop { blockty } => self.loop_(*blockty),
            Operator::If { blockty } => self.if_(*blockty),
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            _ if !self.reachable => return true,
            Operator::Nop => {}
            Operator::Unreachable => {
                self.builder.ins().trap(trap_code(Trap::Unreachable));
                self.reachable = false;
            }
            Operator::Br { relative_depth } => {
                let (target, arguments) = self.branch_target(*relative_depth);
                self.builder.ins().jump(target, &arguments);
                self.reachable = false;
            }
            Operator::BrIf { relative_depth } => self.br_if(*relative_depth),
            Operator::BrTable { targets } => self.br_table(targets),
            Operator::Return => {
                let count = self.builder.func.signature.returns.len();
                let results = self.stack[self.stack.len() - count..].to_vec();
                self.builder.ins().return_(&results);
                self.reachable = false;
            }
            _ => return false,
        }
        true
    }

    /// Number of parameters and the types of the results of a block.
    fn block_type(&self, ty: BlockType) -> (Vec<wasmparser::ValType>, Vec<wasmparser::ValType>) {
        match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(ty) => (Vec::new(), vec![ty]),
            BlockType::FuncType(index) => {
                let ty = &self.instance.module.types[TypeIndex::from_u32(index)];
                (ty.params().to_vec(), ty.results().to_vec())
            }
        }
    }

    fn block_with_params(&mut self, types: &[wasmparser::ValType]) -> Block {
        let block = self.builder.create_block();
        for ty in types {
            self.builder.append_block_param(block, value_type(*ty));
        }
        block
    }

    fn push_dead(&mut self) {
        self.frames.push(Frame { kind: Kind::Dead, height: self.stack.len(), results: 0 });
    }

    fn block(&mut self, ty: BlockType) {
        if !self.reachable {
            return self.push_dead();
        }
        let (params, results) = self.block_type(ty);
        let end = self.block_with_params(&results);
        let height = self.stack.len() - params.len();
        self.frames.push(Frame { kind: Kind::Block { end, reached: false }, height, results: results.len() });
    }

    fn loop_(&mut self, ty: BlockType) {
        if !self.reachable {
            return self.push_dead();
        }
        let (params, results) = self.block_type(ty);
        let header = self.block_with_params(&params);
        let arguments = self.top(params.len());
        self.builder.ins().jump(header, &arguments);
        self.builder.switch_to_block(header);
        let height = self.stack.len() - params.len();
        self.stack.truncate(height);
        self.stack.extend_from_slice(self.builder.block_params(header));
        let kind = Kind::Loop { header, params: params.len() };
        self.frames.push(Frame { kind, height, results: results.len() });
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
        self.frames.push(Frame { kind, height, results: results.len() });
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

    fn end(&mut self) {
        let frame = self.frames.pop().expect("validated: `end` has its block");
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
            self.builder.ins().return_(&results);
            self.reachable = false;
        }
    }

    fn fall_through(&mut self, end: Block, results: usize) {
        if self.reachable {
            let arguments = self.top(results);
            self.builder.ins().jump(end, &arguments);
        }
    }

    /// Goes on after a frame, if anything gets there.
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
    fn branch_target(&mut self, depth: u32) -> (Block, Vec<BlockArg>) {
        let index = self.frames.len() - 1 - depth as usize;
        let frame = &mut self.frames[index];
        let (block, count) = match &mut frame.kind {
            Kind::Block { end, reached } | Kind::If { end, reached, .. } => {
                *reached = true;
                (*end, frame.results)
            }
            Kind::Loop { header, params } => (*header, *params),
            Kind::Dead => unreachable!("reachable code isn't inside a dead frame"),
        };
        (block, self.top(count))
    }

    fn br_if(&mut self, depth: u32) {
        let condition = self.pop();
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
