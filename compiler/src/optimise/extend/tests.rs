//! Functions built by hand, before and after; and claims that don't hold.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, Inst, InstBuilder, MemFlagsData, Opcode, Value, types};
use cranelift_codegen::settings::{self, Flags};
use cranelift_frontend::FunctionBuilder;

use super::*;
use crate::optimise::testing;

const X64: FreeExtensions = FreeExtensions::Arithmetic;
const OTHERS: FreeExtensions = FreeExtensions::None;

/// Builds a function with two parameters of 32 bits and a result of 64.
fn build(body: impl FnOnce(&mut FunctionBuilder<'_>, [Value; 2])) -> Context {
    testing::build([types::I32; 2], &[types::I64], body)
}

/// Runs the pass, checks the result, and says how many extensions are left and what is claimed.
fn extended(context: &mut Context, free: FreeExtensions) -> (usize, Vec<Claim>) {
    let before = Taken::of(&context.func);
    let claims = run(context, free);
    context.verify(&flags()).unwrap();
    check::check(&context.func, &claims, &before).unwrap();
    (extensions(&context.func).len(), claims)
}

fn flags() -> Flags {
    Flags::new(settings::builder())
}

fn address(builder: &mut FunctionBuilder<'_>, index: Value) -> Value {
    let index = builder.ins().uextend(types::I64, index);
    builder.ins().iadd_imm_s(index, 0x1000_0000)
}

fn load(builder: &mut FunctionBuilder<'_>, ty: cranelift_codegen::ir::Type, index: Value) -> Value {
    let address = address(builder, index);
    builder.ins().load(ty, MemFlagsData::new(), address, 0)
}

/// A list whose next element is loaded in each round: `while (p) { sum += *p; p = p->next }`.
fn walk(
    builder: &mut FunctionBuilder<'_>,
    start: Value,
    next: impl FnOnce(&mut FunctionBuilder<'_>, Value) -> Value,
) {
    let [header, body, exit] = [(); 3].map(|()| builder.create_block());
    let p = builder.append_block_param(header, types::I32);
    let zero = builder.ins().iconst(types::I64, 0);
    builder.ins().jump(header, &[start.into()]);
    builder.switch_to_block(header);
    builder.ins().brif(p, body, &[], exit, &[]);
    builder.switch_to_block(body);
    let next = next(builder, p);
    builder.ins().jump(header, &[next.into()]);
    builder.switch_to_block(exit);
    builder.ins().return_(&[zero]);
}

#[test]
fn loads_that_are_extended_are_wide() {
    for (opcode, wide) in [
        (Opcode::Load, Opcode::Uload32),
        (Opcode::Uload8, Opcode::Uload8),
        (Opcode::Uload16, Opcode::Uload16),
    ] {
        let mut context = build(|builder, [a, _]| {
            let address = address(builder, a);
            let flags = MemFlagsData::new();
            let loaded = match opcode {
                Opcode::Load => builder.ins().load(types::I32, flags, address, 8),
                Opcode::Uload8 => builder.ins().uload8(types::I32, flags, address, 8),
                _ => builder.ins().uload16(types::I32, flags, address, 8),
            };
            let extended = builder.ins().uextend(types::I64, loaded);
            let sum = builder.ins().iadd(loaded, a);
            let sum = builder.ins().sextend(types::I64, sum);
            let sum = builder.ins().iadd(sum, extended);
            builder.ins().return_(&[sum]);
        });
        let (left, claims) = extended(&mut context, OTHERS);
        // That of the parameter.
        assert_eq!((left, claims.len()), (1, 1));
        let definition = context.func.dfg.value_def(claims[0].wide).unwrap_inst();
        assert_eq!(context.func.dfg.insts[definition].opcode(), wide);
    }
}

/// Debug information follows the aliases; instructions have none.
#[test]
fn results_of_removed_extensions_are_aliases_of_twins() {
    let mut removed = None;
    let mut context = build(|builder, [a, _]| {
        let loaded = load(builder, types::I32, a);
        let extended = builder.ins().uextend(types::I64, loaded);
        removed = Some((loaded, extended));
        builder.ins().return_(&[extended]);
    });
    let (loaded, extended) = removed.unwrap();
    let (_, claims) = self::extended(&mut context, X64);
    let dfg = &context.func.dfg;
    assert_eq!(claims, [Claim { narrow: loaded, wide: dfg.resolve_aliases(extended) }]);
    let insts = context.func.layout.blocks().flat_map(|block| context.func.layout.block_insts(block));
    assert!(insts.flat_map(|inst| dfg.inst_values(inst)).all(|value| dfg.value_is_real(value)));
}

#[test]
fn other_loads_stay() {
    let mut context = build(|builder, [a, _]| {
        let address = address(builder, a);
        let signed = builder.ins().sload8(types::I32, MemFlagsData::new(), address, 0);
        let signed = builder.ins().uextend(types::I64, signed);
        builder.ins().return_(&[signed]);
    });
    assert_eq!(extended(&mut context, X64), (2, vec![]));
}

#[test]
fn a_pointer_in_a_loop_is_extended_before_it() {
    let mut context = build(|builder, [a, _]| walk(builder, a, |builder, p| load(builder, types::I32, p)));
    // That of the parameter, before the loop.
    assert_eq!(extended(&mut context, X64).0, 1);
    let entry = context.func.layout.entry_block().unwrap();
    assert_eq!(extensions(&context.func)[0].block, entry);
}

#[test]
fn a_counter_gets_a_twin_where_sums_are_extended_already() {
    let counter = || {
        build(|builder, [a, b]| {
            walk(builder, a, |builder, p| {
                load(builder, types::I64, p);
                builder.ins().isub(p, b)
            });
        })
    };
    // Before the loop, and, without an instruction, that of the difference.
    assert_eq!(extended(&mut counter(), X64).0, 2);
    assert_eq!(extended(&mut counter(), OTHERS), (1, vec![]));
}

#[test]
fn what_is_extended_less_often_than_it_changes_stays() {
    let mut context = build(|builder, [a, b]| {
        let [header, exit] = [(); 2].map(|()| builder.create_block());
        let p = builder.append_block_param(header, types::I32);
        builder.ins().jump(header, &[a.into()]);
        builder.switch_to_block(header);
        let next = builder.ins().rotl(p, b);
        builder.ins().brif(next, header, &[next.into()], exit, &[]);
        builder.switch_to_block(exit);
        let loaded = load(builder, types::I64, p);
        builder.ins().return_(&[loaded]);
    });
    assert_eq!(extended(&mut context, X64), (1, vec![]));
}

/// The two parameters hand each other over in the inner loop, but only the exit extends one.
#[test]
fn parameters_dont_keep_each_other() {
    let mut context = build(|builder, [a, b]| {
        let [outer, inner, exit] = [(); 3].map(|()| builder.create_block());
        let p = builder.append_block_param(outer, types::I32);
        let q = builder.append_block_param(inner, types::I32);
        builder.ins().jump(outer, &[a.into()]);
        builder.switch_to_block(outer);
        let rotated = builder.ins().rotl(p, b);
        let again = builder.ins().icmp(IntCC::UnsignedLessThan, p, b);
        builder.ins().brif(again, inner, &[p.into()], inner, &[rotated.into()]);
        builder.switch_to_block(inner);
        let more = builder.ins().icmp(IntCC::UnsignedLessThan, q, a);
        builder.ins().brif(more, outer, &[q.into()], exit, &[]);
        builder.switch_to_block(exit);
        let loaded = load(builder, types::I64, q);
        builder.ins().return_(&[loaded]);
    });
    assert_eq!(extended(&mut context, X64), (1, vec![]));
}

#[test]
fn selections_and_constants_have_twins() {
    let mut context = build(|builder, [a, b]| {
        let one = load(builder, types::I32, a);
        let other = builder.ins().iconst(types::I32, -8);
        let chosen = builder.ins().select(b, one, other);
        let loaded = load(builder, types::I64, chosen);
        builder.ins().return_(&[loaded]);
    });
    let (left, claims) = extended(&mut context, OTHERS);
    assert_eq!(left, 1);
    let constants: Vec<i64> = claims
        .iter()
        .filter_map(|claim| match context.func.dfg.insts[context.func.dfg.value_def(claim.wide).inst()?] {
            cranelift_codegen::ir::InstructionData::UnaryImm { imm, .. } => Some(imm.bits()),
            _ => None,
        })
        .collect();
    assert_eq!(constants, [0xffff_fff8]);
}

#[test]
fn parameters_of_the_function_and_results_of_calls_stay() {
    let mut context = build(|builder, [a, _]| {
        let signature = builder.func.signature.clone();
        let signature = builder.import_signature(signature);
        let callee = builder.ins().iconst(types::I64, 0);
        let call = builder.ins().call_indirect(signature, callee, &[a, a]);
        let result = builder.inst_results(call)[0];
        let result = builder.ins().ireduce(types::I32, result);
        let loaded = load(builder, types::I64, result);
        let other = load(builder, types::I64, a);
        let sum = builder.ins().iadd(loaded, other);
        builder.ins().return_(&[sum]);
    });
    assert_eq!(extended(&mut context, X64), (2, vec![]));
}

#[test]
fn the_checker_finds_wrong_claims() {
    let mut values = Vec::new();
    let context = build(|builder, [a, b]| {
        let [header, exit] = [(); 2].map(|()| builder.create_block());
        let p = builder.append_block_param(header, types::I64);
        let [good, other] = [a, b].map(|value| builder.ins().uextend(types::I64, value));
        let signed = builder.ins().sextend(types::I64, a);
        let sum = builder.ins().iadd(good, other);
        let reduced = builder.ins().ireduce(types::I32, sum);
        builder.ins().jump(header, &[good.into()]);
        builder.switch_to_block(header);
        let narrow = builder.ins().ireduce(types::I32, p);
        // Wraps after 2^32 rounds.
        let next = builder.ins().iadd_imm_s(p, 1);
        builder.ins().brif(next, header, &[next.into()], exit, &[]);
        builder.switch_to_block(exit);
        builder.ins().return_(&[p]);
        values = vec![
            (a, good, true),
            (a, other, false),
            (a, signed, false),
            (reduced, sum, false),
            (narrow, p, false),
        ];
    });
    for (narrow, wide, holds) in values {
        let checked = check::check(&context.func, &[Claim { narrow, wide }], &Taken::of(&context.func));
        assert_eq!(checked.is_ok(), holds, "{narrow} {wide}");
    }
}

/// Two lists are walked at once, or one after the other is chosen. Their pointers have twins, which are exchanged.
#[test]
fn the_checker_finds_twins_of_other_values() {
    let build = || {
        build(|builder, [a, b]| {
            let [header, exit] = [(); 2].map(|()| builder.create_block());
            let [p, q] = [(); 2].map(|()| builder.append_block_param(header, types::I32));
            builder.ins().jump(header, &[a.into(), b.into()]);
            builder.switch_to_block(header);
            let [next_p, next_q] = [p, q].map(|pointer| load(builder, types::I32, pointer));
            let chosen = builder.ins().select(next_p, next_p, next_q);
            let other = load(builder, types::I32, chosen);
            builder.ins().brif(other, header, &[next_p.into(), next_q.into()], exit, &[]);
            builder.switch_to_block(exit);
            let zero = builder.ins().iconst(types::I64, 0);
            builder.ins().return_(&[zero]);
        })
    };
    for exchanged in [Opcode::Select, Opcode::Jump, Opcode::Brif] {
        let mut context = build();
        let before = Taken::of(&context.func);
        let claims = run(&mut context, OTHERS);
        check::check(&context.func, &claims, &before).unwrap();
        let func = &mut context.func;
        let insts = func.layout.blocks().flat_map(|block| func.layout.block_insts(block));
        let is_it = |inst: &Inst| func.dfg.insts[*inst].opcode() == exchanged;
        let inst = insts.into_iter().find(is_it).unwrap();
        let dfg = &mut func.stencil.dfg;
        if exchanged == Opcode::Select {
            dfg.inst_args_mut(inst)[1..].reverse();
        } else {
            let calls = dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
            let mut arguments: Vec<BlockArg> = calls[0].args(&dfg.value_lists).collect();
            assert!(arguments.iter().all(|one| dfg.value_type(one.as_value().unwrap()) == types::I64));
            let calls =
                dfg.insts[inst].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
            calls[0].update_args(&mut dfg.value_lists, |_| arguments.pop().unwrap());
        }
        context.verify(&flags()).unwrap();
        assert!(check::check(&context.func, &claims, &before).is_err(), "{exchanged}");
    }
}
