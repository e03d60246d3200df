//! Allocation: a few instructions that take the next bytes, and a call of the collector if there aren't
//! enough.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::gc::{self, Allocation};

use super::super::environment::trusted;
use super::super::translator::{Region, Translator};
use crate::layout::{self, Symbol};
use crate::program::TypeId;

impl Translator<'_, '_, '_> {
    /// A new object of a type, with only its header initialised. `bytes`: its total size, 64 bits, a multiple
    /// of `gc::ALIGNMENT`.
    pub(super) fn allocate(&mut self, ty: TypeId, bytes: Value) -> Value {
        let flags = self.in_region(trusted(), Region::Allocation);
        let state = self.symbol(Symbol::Allocation);
        let next = self.builder.ins().load(types::I64, flags, state, Allocation::NEXT);
        let end = self.builder.ins().load(types::I64, flags, state, Allocation::END);
        // No overflow: a reference has 32 bits, and an object takes less than 2^37 bytes.
        let behind = self.builder.ins().iadd(next, bytes);
        let full = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, behind, end);
        let (fast, slow, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let object = self.builder.append_block_param(done, types::I64);
        self.builder.set_cold_block(slow);
        self.builder.ins().brif(full, slow, &[], fast, &[]);
        self.builder.seal_block(fast);
        self.builder.seal_block(slow);
        self.builder.switch_to_block(fast);
        let state = self.symbol(Symbol::Allocation);
        self.builder.ins().store(flags, behind, state, Allocation::NEXT);
        self.builder.ins().jump(done, &[BlockArg::Value(next)]);
        self.builder.switch_to_block(slow);
        let collected = self.call_builtin(Builtin::GcAllocate, &[bytes]);
        self.builder.ins().jump(done, &[BlockArg::Value(collected)]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
        self.track_canonical(object, self.non_null(ty));
        let header = layout::header(self.env.program.types.range(ty).start);
        let header = self.builder.ins().iconst(types::I32, i64::from(header));
        let flags = self.in_region(trusted(), Region::Objects);
        self.builder.ins().store(flags, header, object, 0);
        object
    }

    /// Tells the collector that a reference was stored into an object. Null does no harm.
    pub(super) fn mark_card(&mut self, object: Value) {
        let card = self.builder.ins().ushr_imm_u(object, i64::from(gc::CARD_SHIFT));
        let cards = self.builder.ins().iconst(types::I64, gc::CARDS as i64);
        let card = self.builder.ins().iadd(cards, card);
        let one = self.builder.ins().iconst(types::I8, 1);
        let flags = self.in_region(trusted(), Region::Cards);
        self.builder.ins().store(flags, one, card, 0);
    }
}
