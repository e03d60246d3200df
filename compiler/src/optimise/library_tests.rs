//! Functions built by hand, before and after.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, Function, InstBuilder, MemFlagsData, Opcode, Value, types};
use cranelift_frontend::FunctionBuilder;

use super::*;

/// Builds a function with two parameters of 64 bits and a result of 32.
fn build(body: impl FnOnce(&mut FunctionBuilder<'_>, [Value; 2])) -> Context {
    testing::build([types::I64; 2], &[types::I32], body)
}

/// The opcodes of a block.
fn opcodes(func: &Function, block: Block) -> Vec<Opcode> {
    func.layout.block_insts(block).map(|inst| func.dfg.insts[inst].opcode()).collect()
}

fn block(func: &Function, index: usize) -> Block {
    func.layout.blocks().nth(index).unwrap()
}

#[test]
fn what_a_loop_computes_each_time_is_computed_once() {
    let mut context = build(|builder, [a, b]| {
        let header = builder.create_block();
        let exit = builder.create_block();
        builder.ins().jump(header, &[]);
        builder.switch_to_block(header);
        let product = builder.ins().imul(a, b);
        let nine = builder.ins().iconst(types::I64, 9);
        let scaled = builder.ins().udiv(b, nine);
        let sum = builder.ins().iadd(product, nine);
        let loaded = builder.ins().load(types::I64, MemFlagsData::new(), sum, 0);
        let less = builder.ins().icmp(IntCC::UnsignedLessThan, loaded, scaled);
        builder.ins().brif(less, header, &[], exit, &[]);
        builder.switch_to_block(exit);
        let zero = builder.ins().iconst(types::I32, 0);
        builder.ins().return_(&[zero]);
    });
    rearrange(&mut context, Passes::default());
    let func = &context.func;
    // The sum goes with the product, and has a constant of its own. A division may trap.
    use Opcode::{Brif, Iadd, Icmp, Iconst, Imul, Jump, Load, Udiv};
    assert_eq!(opcodes(func, block(func, 0)), [Imul, Iconst, Iadd, Jump]);
    assert_eq!(opcodes(func, block(func, 1)), [Iconst, Udiv, Load, Icmp, Brif]);
}

/// Each comparison uses both before it, so they are few as instructions, and innumerable as operands of operands.
#[test]
fn what_is_copied_for_what_is_moved_is_bounded() {
    let mut context = build(|builder, [a, b]| {
        let header = builder.create_block();
        let exit = builder.create_block();
        builder.ins().jump(header, &[]);
        builder.switch_to_block(header);
        let (mut one, mut other) = (a, b);
        for _ in 0..40 {
            let less = builder.ins().icmp(IntCC::UnsignedLessThan, one, other);
            let equal = builder.ins().icmp(IntCC::Equal, one, other);
            one = builder.ins().uextend(types::I64, less);
            other = builder.ins().uextend(types::I64, equal);
        }
        let product = builder.ins().imul(one, other);
        builder.ins().brif(product, header, &[], exit, &[]);
        builder.switch_to_block(exit);
        let zero = builder.ins().iconst(types::I32, 0);
        builder.ins().return_(&[zero]);
    });
    rearrange(&mut context, Passes::default());
    assert!(opcodes(&context.func, block(&context.func, 0)).len() < 20);
}

#[test]
fn the_terms_of_a_sum_are_added_as_they_are_loaded() {
    let mut context = build(|builder, [a, _]| {
        let mut load = |offset| builder.ins().load(types::I32, MemFlagsData::new(), a, offset);
        let [first, second, third] = [load(0), load(4), load(8)];
        let sum = builder.ins().iadd(first, second);
        let sum = builder.ins().iadd(sum, third);
        builder.ins().return_(&[sum]);
    });
    rearrange(&mut context, Passes::default());
    let func = &context.func;
    use Opcode::{Iadd, Load, Return};
    assert_eq!(opcodes(func, block(func, 0)), [Load, Load, Iadd, Load, Iadd, Return]);
}

/// A loop whose value begins with `first` and goes on with a byte, masked when it ends.
fn masked(first: i64) -> Context {
    let mut context = build(|builder, [a, _]| {
        let header = builder.create_block();
        let exit = builder.create_block();
        builder.append_block_param(header, types::I32);
        let first = builder.ins().iconst(types::I32, first);
        builder.ins().jump(header, &[BlockArg::Value(first)]);
        builder.switch_to_block(header);
        let byte = builder.ins().uload8(types::I32, MemFlagsData::new(), a, 0);
        builder.ins().brif(byte, header, &[BlockArg::Value(byte)], exit, &[]);
        builder.switch_to_block(exit);
        let mask = builder.ins().iconst(types::I32, 255);
        let value = builder.block_params(header)[0];
        let masked = builder.ins().band(value, mask);
        builder.ins().return_(&[masked]);
    });
    mask::drop_masks(&mut context.func, &context.cfg);
    context
}

#[test]
fn masks_of_bytes_from_other_blocks_are_dropped() {
    let (all_bytes, wider) = (masked(255), masked(256));
    let last = |context: &Context| opcodes(&context.func, block(&context.func, 2));
    assert_eq!(last(&all_bytes), [Opcode::Iconst, Opcode::Return]);
    assert_eq!(last(&wider), [Opcode::Iconst, Opcode::Band, Opcode::Return]);
}
