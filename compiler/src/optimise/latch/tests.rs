//! Loops built by hand.

use cranelift_codegen::ir::types;
use cranelift_codegen::settings;
use cranelift_frontend::FunctionBuilder;

use super::*;
use crate::optimise::testing;

/// Builds a loop with one variable of 64 bits, which starts as the parameter of the function. The header is the second block.
fn build(body: impl FnOnce(&mut FunctionBuilder<'_>, Value, Block, Block)) -> Context {
    testing::build([types::I64], &[], |builder, [start]| {
        let [header, exit] = [(); 2].map(|()| builder.create_block());
        builder.ins().jump(header, &[start.into()]);
        let variable = builder.append_block_param(header, types::I64);
        builder.switch_to_block(header);
        body(builder, variable, header, exit);
        builder.switch_to_block(exit);
        builder.ins().return_(&[]);
    })
}

/// The opcodes of the header, after the pass, which leaves a valid function.
fn opcodes(context: &mut Context) -> Vec<Opcode> {
    latch(context);
    context.verify(&settings::Flags::new(settings::builder())).unwrap();
    let header = context.func.layout.blocks().nth(1).unwrap();
    context.func.layout.block_insts(header).map(|inst| context.func.dfg.insts[inst].opcode()).collect()
}

/// The constants of a function, in the order of the code.
fn constants(func: &Function) -> Vec<u64> {
    let insts = func.layout.blocks().flat_map(|block| func.layout.block_insts(block));
    insts
        .filter(|inst| func.dfg.insts[*inst].opcode() == Opcode::Iconst)
        .filter_map(|inst| pure::constant(func, func.dfg.first_result(inst)))
        .collect()
}

#[test]
fn a_step_comes_after_the_other_uses_of_the_variable() {
    let mut context = build(|builder, p, header, exit| {
        let next = builder.ins().ishl_imm_u(p, 2);
        let product = builder.ins().imul(p, p);
        builder.ins().brif(product, header, &[next.into()], exit, &[]);
    });
    assert_eq!(opcodes(&mut context), [Opcode::Iconst, Opcode::Imul, Opcode::Ishl, Opcode::Brif]);
}

#[test]
fn the_next_value_decides() {
    for (ty, limit, step, sum) in [
        (types::I64, 44, 4, 48),
        (types::I64, 1, -1, 0),
        (types::I64, -1, 1, 0),
        (types::I32, 0xffff_fffe, 4, 2),
    ] {
        let mut context = build(|builder, p, header, exit| {
            let narrow = if ty == types::I32 { builder.ins().ireduce(ty, p) } else { p };
            let limit = builder.ins().iconst(ty, limit);
            let step = builder.ins().iconst(ty, step);
            let at_end = builder.ins().icmp(IntCC::Equal, narrow, limit);
            let next = builder.ins().iadd(narrow, step);
            let next = if ty == types::I32 { builder.ins().uextend(types::I64, next) } else { next };
            builder.ins().brif(at_end, exit, &[], header, &[next.into()]);
        });
        let opcodes = opcodes(&mut context);
        assert_eq!(opcodes[opcodes.len() - 2..], [Opcode::Icmp, Opcode::Brif]);
        assert_eq!(*constants(&context.func).last().unwrap(), sum);
        let header = context.func.layout.blocks().nth(1).unwrap();
        let compare = context.func.layout.block_insts(header).rev().nth(1).unwrap();
        let compared = definition(&context.func, context.func.dfg.inst_args(compare)[0]).unwrap();
        assert_eq!(context.func.dfg.insts[compared].opcode(), Opcode::Iadd);
    }
}

#[test]
fn an_order_of_the_variable_stays() {
    let mut context = build(|builder, p, header, exit| {
        let limit = builder.ins().iconst(types::I64, 44);
        let less = builder.ins().icmp(IntCC::UnsignedLessThan, p, limit);
        let next = builder.ins().iadd_imm_s(p, 4);
        builder.ins().brif(less, header, &[next.into()], exit, &[]);
    });
    latch(&mut context);
    let header = context.func.layout.blocks().nth(1).unwrap();
    let compare = context.func.layout.block_insts(header).rev().nth(1).unwrap();
    assert_eq!(context.func.dfg.inst_args(compare)[0], context.func.dfg.block_params(header)[0]);
}

/// A load may trap, and depends on where it is.
#[test]
fn only_arithmetic_moves() {
    let mut context = build(|builder, p, header, exit| {
        let flags = cranelift_codegen::ir::MemFlagsData::new();
        let next = builder.ins().load(types::I64, flags, p, 0);
        builder.ins().store(flags, p, p, 8);
        builder.ins().brif(p, header, &[next.into()], exit, &[]);
    });
    assert_eq!(opcodes(&mut context), [Opcode::Load, Opcode::Store, Opcode::Brif]);
}
