//! Gives values their twins, and removes extensions that twins make needless: see `extend` for why this is right.

use cranelift_codegen::cursor::{Cursor as _, FuncCursor};
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::ir::{
    BlockArg, Function, Inst, InstBuilder as _, InstructionData, Opcode, Value, ValueDef, types,
};
use cranelift_entity::SecondaryMap;
use cranelift_entity::packed_option::PackedOption;

use super::check::Claim;
use super::extension::Extension;
use super::graph::{Graph, Source, extended_before};
use crate::optimise::branches::Way;
use crate::optimise::pure;

pub struct Rewrite<'c> {
    func: &'c mut Function,
    domtree: &'c DominatorTree,
    extensions: Vec<Extension>,
    /// By the 32-bit value.
    twins: SecondaryMap<Value, PackedOption<Value>>,
    claims: Vec<Claim>,
}

impl<'c> Rewrite<'c> {
    /// `extensions`: those of the function, sorted.
    pub fn new(
        func: &'c mut Function,
        domtree: &'c DominatorTree,
        extensions: Vec<Extension>,
    ) -> Rewrite<'c> {
        Rewrite { func, domtree, extensions, twins: SecondaryMap::new(), claims: Vec::new() }
    }

    /// Does what has been chosen.
    pub fn run(mut self, graph: &Graph) -> Vec<Claim> {
        for extension in 0..self.extensions.len() {
            self.widen_load(graph, self.extensions[extension].narrow);
        }
        let chosen = || graph.choices.iter().filter(|choice| choice.chosen);
        for choice in chosen() {
            choice.ways.iter().for_each(|way| self.widen_load(graph, way.value));
        }
        for choice in chosen().filter(|choice| choice.selection.is_none()) {
            self.widen_parameter(choice.value);
        }
        for choice in chosen() {
            if let Some(inst) = choice.selection {
                self.widen_selection(inst, choice.value);
            }
        }
        for choice in chosen() {
            for way in &choice.ways {
                self.hand_over(way, choice.value);
            }
        }
        if !self.claims.is_empty() {
            self.remove_extensions();
        }
        self.claims
    }

    fn set_twin(&mut self, narrow: Value, wide: Value) {
        self.twins[narrow] = wide.into();
        self.claims.push(Claim { narrow, wide });
    }

    /// Gives the result of a load a twin, if the value is one.
    fn widen_load(&mut self, graph: &Graph, narrow: Value) {
        if self.twins[narrow].is_some() {
            return;
        }
        let Source::Load(inst) = graph.source(self.func, narrow) else { return };
        // The instruction stays where it is, with its operand and its place in the source.
        if let InstructionData::Load { opcode, .. } = &mut self.func.dfg.insts[inst]
            && *opcode == Opcode::Load
        {
            *opcode = Opcode::Uload32;
        }
        let wide = self.func.dfg.replace_result(narrow, types::I64);
        let location = self.func.srcloc(inst);
        let mut cursor = FuncCursor::new(self.func).after_inst(inst).with_srcloc(location);
        cursor.ins().with_result(narrow).ireduce(types::I32, wide);
        self.set_twin(narrow, wide);
    }

    fn widen_parameter(&mut self, narrow: Value) {
        let block = self.func.dfg.value_def(narrow).unwrap_block();
        let wide = self.func.dfg.replace_block_param(narrow, types::I64);
        let mut cursor = FuncCursor::new(self.func).at_first_insertion_point(block);
        cursor.ins().with_result(narrow).ireduce(types::I32, wide);
        self.set_twin(narrow, wide);
    }

    /// Its operands are handed over later.
    fn widen_selection(&mut self, inst: Inst, narrow: Value) {
        let wide = self.func.dfg.replace_result(narrow, types::I64);
        let location = self.func.srcloc(inst);
        let mut cursor = FuncCursor::new(self.func).after_inst(inst).with_srcloc(location);
        cursor.ins().with_result(narrow).ireduce(types::I32, wide);
        self.set_twin(narrow, wide);
    }

    /// Makes a choice take the twin of a value.
    fn hand_over(&mut self, way: &Way, choice: Value) {
        let wide = self.twin(way);
        let twin = self.twins[choice].expect("the choice has been widened");
        let dfg = &mut self.func.dfg;
        let ValueDef::Param(_, position) = dfg.value_def(twin) else {
            dfg.inst_args_mut(way.at)[way.number as usize] = wide;
            return;
        };
        let calls = dfg.insts[way.at].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
        let mut index = 0;
        calls[way.number as usize].update_args(&mut dfg.value_lists, |argument| {
            index += 1;
            if index == position + 1 { BlockArg::Value(wide) } else { argument }
        });
    }

    /// The twin of what a choice takes, there.
    fn twin(&mut self, way: &Way) -> Value {
        if let Some(twin) = self.twins[way.value].expand() {
            return twin;
        }
        // It isn't removed, since what it extends has no twin.
        let wide = match extended_before(self.func, self.domtree, &self.extensions, way) {
            Some(extension) => self.func.dfg.first_result(extension.inst),
            None => self.make_twin(way),
        };
        self.claims.push(Claim { narrow: way.value, wide });
        wide
    }

    fn make_twin(&mut self, way: &Way) -> Value {
        let constant = pure::constant(self.func, way.value);
        let location = self.func.srcloc(way.at);
        let mut cursor = FuncCursor::new(self.func).at_inst(way.at).with_srcloc(location);
        match constant {
            Some(bits) => cursor.ins().iconst(types::I64, bits as i64),
            None => cursor.ins().uextend(types::I64, way.value),
        }
    }

    /// Removes the extensions of what has a twin. Their results become aliases of the twins, so that debug information finds these,
    /// but code doesn't use the aliases: code generation expects none.
    fn remove_extensions(&mut self) {
        let mut replaced: SecondaryMap<Value, PackedOption<Value>> = SecondaryMap::new();
        for Extension { inst, narrow, .. } in self.extensions.drain(..) {
            let Some(twin) = self.twins[narrow].expand() else { continue };
            let result = self.func.dfg.first_result(inst);
            self.func.layout.remove_inst(inst);
            self.func.dfg.clear_results(inst);
            self.func.dfg.change_to_alias(result, twin);
            replaced[result] = twin.into();
        }
        let (layout, dfg) = (&self.func.stencil.layout, &mut self.func.stencil.dfg);
        for inst in layout.blocks().flat_map(|block| layout.block_insts(block)) {
            dfg.map_inst_values(inst, |value| replaced[value].expand().unwrap_or(value));
        }
    }
}
