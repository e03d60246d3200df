//! Functions built by hand, executed before and after with indices at the ends of memories of up to 4 GiB: both access the
//! same addresses. And rewrites that are wrong, which the checker finds.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder as _, MemFlagsData, Value, types};
use cranelift_codegen::settings;
use cranelift_frontend::FunctionBuilder;

use super::expand::Leaf;
use super::range::Sign;
use super::rewrite::Change;
use super::*;
use crate::optimise::evaluate::{End, Memory, evaluate};
use crate::optimise::testing;
use crate::translate::HEAP_ACCESS;

const BASE: u64 = 0x1000_0000;
const PAGE: u64 = 1 << 16;
/// Bytes of memories: a smaller one, the largest that one can grow to, and one that begins with all of 4 GiB.
const MEMORIES: [u64; 3] = [1 << 31, (1 << 32) - PAGE, 1 << 32];

/// Builds a function with three parameters of 32 bits.
fn build(body: impl FnOnce(&mut FunctionBuilder<'_>, [Value; 3])) -> Context {
    testing::build([types::I32; 3], &[], |builder, values| {
        body(builder, values);
        builder.ins().return_(&[]);
    })
}

/// Loads a byte as `Translator::address` computes its address.
fn load(builder: &mut FunctionBuilder<'_>, index: Value, offset: i32) {
    let index = builder.ins().uextend(types::I64, index);
    let base = builder.ins().iconst(types::I64, BASE as i64);
    let address = builder.ins().iadd(base, index);
    let flags = MemFlagsData::new().with_trap_code(Some(HEAP_ACCESS));
    builder.ins().uload8(types::I32, flags, address, offset);
}

fn add(builder: &mut FunctionBuilder<'_>, value: Value, more: i64) -> Value {
    let more = builder.ins().iconst(types::I32, more);
    builder.ins().iadd(value, more)
}

/// A loop with a counter that begins with `start` and is incremented by `step`, as long as the counter compares so with `bound`.
fn count(
    builder: &mut FunctionBuilder<'_>,
    start: Value,
    step: i64,
    condition: (IntCC, Value),
    body: impl FnOnce(&mut FunctionBuilder<'_>, Value),
) {
    let [header, exit] = [(); 2].map(|()| builder.create_block());
    let counter = builder.append_block_param(header, types::I32);
    builder.ins().jump(header, &[BlockArg::Value(start)]);
    builder.switch_to_block(header);
    body(builder, counter);
    let next = add(builder, counter, step);
    let (code, bound) = condition;
    let goes_on = builder.ins().icmp(code, next, bound);
    builder.ins().brif(goes_on, header, &[BlockArg::Value(next)], exit, &[]);
    builder.switch_to_block(exit);
}

/// A function of two numbers, from `STEPS` and `OFFSETS`.
type Case = fn(&mut FunctionBuilder<'_>, [Value; 3], i64, i32);

const CASES: [(&str, Case); 8] = [
    ("what follows an access", |builder, [p, ..], step, offset| {
        load(builder, p, offset);
        let more = add(builder, p, step);
        load(builder, more, 0);
        let most = add(builder, more, step);
        load(builder, most, offset);
    }),
    ("a pointer", |builder, [p, end, _], step, offset| {
        count(builder, p, step, (IntCC::NotEqual, end), |builder, p| {
            load(builder, p, offset);
            let next = add(builder, p, step);
            load(builder, next, 0);
        });
    }),
    ("an index from 0 on", |builder, [p, end, _], step, offset| {
        let zero = builder.ins().iconst(types::I32, 0);
        count(builder, zero, step, (IntCC::NotEqual, end), |builder, i| {
            let sum = builder.ins().iadd(p, i);
            load(builder, sum, offset);
        });
    }),
    ("an index from anywhere", |builder, [p, end, i], step, offset| {
        count(builder, i, step, (IntCC::NotEqual, end), |builder, i| {
            let sum = builder.ins().iadd(p, i);
            load(builder, sum, offset);
        });
    }),
    ("a counter with a bound", |builder, [p, ..], step, offset| {
        let [zero, bound] = [0, 4096].map(|value| builder.ins().iconst(types::I32, value));
        count(builder, zero, step, (IntCC::UnsignedLessThan, bound), |builder, i| {
            let three = builder.ins().iconst(types::I32, 3);
            let scaled = builder.ins().ishl(i, three);
            let sum = builder.ins().iadd(p, scaled);
            load(builder, sum, offset);
            load(builder, scaled, offset);
        });
    }),
    ("a counter near the end", |builder, _, step, offset| {
        let [start, bound] = [-70000, -1].map(|value| builder.ins().iconst(types::I32, value));
        count(builder, start, step, (IntCC::UnsignedLessThan, bound), |builder, i| {
            let sum = add(builder, i, 69000);
            load(builder, sum, offset);
        });
    }),
    ("a negative counter", |builder, [p, ..], step, offset| {
        let [start, zero] = [-4096, 0].map(|value| builder.ins().iconst(types::I32, value));
        count(builder, start, step, (IntCC::SignedLessThan, zero), |builder, i| {
            let sum = builder.ins().iadd(i, p);
            load(builder, sum, offset);
            let sum = add(builder, i, 4096);
            load(builder, sum, offset);
        });
    }),
    ("a masked and shifted index", |builder, [p, q, _], step, offset| {
        let [mask, two] = [0xffff, 2].map(|value| builder.ins().iconst(types::I32, value));
        let masked = builder.ins().band(q, mask);
        let scaled = builder.ins().ishl(masked, two);
        let sum = add(builder, scaled, step);
        load(builder, sum, offset);
        let sum = builder.ins().iadd(p, sum);
        load(builder, sum, offset);
        let scaled = builder.ins().ishl(q, two);
        load(builder, scaled, offset);
    }),
];

const STEPS: [i64; 9] = [1, 8, 9, 4096, PAGE as i64, PAGE as i64 + 1, PAGE as i64 + 9, -1, -8];
const OFFSETS: [i32; 3] = [0, 8, 65535];

/// Indices at the ends of a memory, at the end of what 32 bits address, and between.
fn indices(memory: u64) -> impl Iterator<Item = u64> {
    let edges = [0, memory, 1 << 32];
    let around = [-65545, -65537, -65536, -4097, -17, -9, -8, -2, -1, 0, 1, 8];
    edges
        .into_iter()
        .flat_map(move |edge| around.map(move |more| edge.wrapping_add_signed(more) & 0xffff_ffff))
}

#[test]
fn all_addresses_stay_the_same() {
    let mut changed = 0;
    for (name, case) in CASES {
        for bytes in MEMORIES {
            for step in STEPS {
                for offset in OFFSETS {
                    let build = || build(|builder, values| case(builder, values, step, offset));
                    let before = build();
                    let mut after = build();
                    run(&mut after, bytes, true);
                    after.verify(&settings::Flags::new(settings::builder())).unwrap();
                    changed += u32::from(after.func.dfg.num_insts() != before.func.dfg.num_insts());
                    let memory = Memory { base: BASE, bytes };
                    for p in indices(bytes) {
                        for q in [3, 0xffff_fff8].map(|q| p.wrapping_add(q) & 0xffff_ffff) {
                            let arguments = [p, q, p.wrapping_neg() & 0xffff_ffff];
                            let [one, other] =
                                [&before, &after].map(|context| evaluate(&context.func, &memory, &arguments));
                            assert_eq!(one, other, "{name}, {bytes} bytes, {step}, {offset}: {arguments:x?}");
                        }
                    }
                }
            }
        }
    }
    assert!(changed > 200, "{changed}");
}

/// A wrong rewrite of what `p + q` addresses, and how the function ends for some values of both.
fn ends_with(
    leaves: impl Fn([Value; 2]) -> [Option<Leaf>; 2],
    offset: i32,
    arguments: &[[u64; 2]],
) -> Vec<End> {
    let mut parts = None;
    let mut context = build(|builder, [p, q, _]| {
        let sum = builder.ins().iadd(p, q);
        load(builder, sum, 4);
        parts = Some([p, q]);
    });
    let Context { func, cfg, .. } = &mut context;
    let block = func.layout.entry_block().unwrap();
    let access = func.layout.block_insts(block).find_map(|inst| Access::of(func, block, inst)).unwrap();
    let changes = [Change { access, leaves: leaves(parts.unwrap()), offset }];
    rewrite::apply(func, cfg, &[], &changes);
    check::compare(func, &changes);
    context.verify(&settings::Flags::new(settings::builder())).unwrap();
    let memory = Memory { base: BASE, bytes: 1 << 32 };
    arguments.iter().map(|[p, q]| evaluate(&context.func, &memory, &[*p, *q, 0]).end).collect()
}

#[test]
fn the_checker_finds_wrong_addresses() {
    const DIFFERENT: End = End::Trapped(check::DIFFERENT);
    let leaf = |value, sign, shift| Some(Leaf { value, sign, shift });
    let sum = |parts: [Value; 2]| parts.map(|value| leaf(value, Sign::Unsigned, 0));
    let arguments = [[1, 2], [0xffff_fff0, 0xf], [0xffff_fff0, 0x10], [0xffff_ffff, 0xffff_ffff]];
    // Right, unless it wraps.
    assert_eq!(
        ends_with(sum, 4, &arguments),
        [End::Returned, End::Trapped(HEAP_ACCESS), DIFFERENT, DIFFERENT]
    );
    // Another offset.
    assert_eq!(ends_with(sum, 5, &arguments), [DIFFERENT; 4]);
    let signed = |[p, q]: [Value; 2]| [leaf(p, Sign::Unsigned, 0), leaf(q, Sign::Signed, 0)];
    assert_eq!(
        ends_with(signed, 4, &[[8, 0xffff_fff8], [7, 0xffff_fff8], [1, 0x7fff_ffff], [1, 0x8000_0000]]),
        [End::Returned, DIFFERENT, End::Returned, DIFFERENT]
    );
    // One leaf is missing, or is shifted.
    assert_eq!(
        ends_with(|[p, _]| [leaf(p, Sign::Unsigned, 0), None], 4, &[[1, 0], [1, 1]]),
        [End::Returned, DIFFERENT]
    );
    assert_eq!(
        ends_with(|[p, q]| [leaf(p, Sign::Unsigned, 0), leaf(q, Sign::Unsigned, 1)], 4, &arguments),
        [DIFFERENT; 4]
    );
}
