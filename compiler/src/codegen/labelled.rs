//! Compiles a function in such a way that it is known afterwards where the values are that debug information names. The
//! steps are those of `Generator::compile`, so that the code is the same: Cranelift forgets labels of values which it replaces,
//! so values are labelled when it has optimised, just before it generates code.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    ArgumentPurpose, Function, Inst, InstBuilder, Opcode, RelSourceLoc, SourceLoc, Value, ValueDef,
    ValueLabel, ValueLabelAssignments, ValueLabelStart, types,
};
use cranelift_codegen::settings::RegallocAlgorithm;
use cranelift_codegen::{CodegenResult, CompiledCode, Context};
use cranelift_entity::SecondaryMap;

use super::generator::Generator;
use super::places::{self, Compilation, Label};
use super::sums::{float_constant, sum};
use super::values::{Formula, Kind, Known, Values};
use crate::translate::Labels;

/// A value in which others are expressed.
struct Root {
    value: Value,
    /// Whether only the lower 32 bits count.
    low: bool,
}

/// The most values that are labelled for each root.
const MOST_LABELS: usize = 16;

/// A number for each of some values, of which all bits count, or only the lower 32.
struct Numbers(SecondaryMap<Value, [u32; 2]>);

const NONE: u32 = u32::MAX;

impl Numbers {
    fn new() -> Numbers {
        Numbers(SecondaryMap::with_default([NONE; 2]))
    }

    fn get(&self, value: Value, low: bool) -> Option<u32> {
        Some(self.0[value][usize::from(low)]).filter(|number| *number != NONE)
    }

    /// The place of a number, which is [`NONE`] if there is none yet.
    fn place(&mut self, value: Value, low: bool) -> &mut u32 {
        &mut self.0[value][usize::from(low)]
    }
}

/// Compiles the function that `optimise::before` has made.
///
/// # Errors
/// If Cranelift can't compile the function.
pub fn compile(
    context: &mut Context,
    generator: &mut Generator<'_>,
    labels: &Labels,
) -> CodegenResult<(CompiledCode, Values)> {
    let isa = generator.isa;
    generator.reduce(context)?;
    let (mut values, roots, numbers) = express(&context.func, labels);
    context.func.dfg.resolve_all_aliases();
    let uses = Uses::of(&context.func, &numbers);
    generator.optimise(context)?;
    let replacements = uses.replacements(&context.func, &roots);
    let labelled = find(&context.func, &roots, &replacements, &mut values);
    let single_pass = isa.flags().regalloc_algorithm() == RegallocAlgorithm::SinglePass;
    let has_state = context.func.special_param(ArgumentPurpose::VMContext).is_some();
    let unlabelled = if has_state { Some(generator.generate(context)?) } else { None };
    label(&mut context.func, &labelled, single_pass);
    let compiled = generator.generate(context)?;
    let compilation =
        Compilation { isa, registers: generator.debug_registers, single_pass, tail_calls: labels.tail_calls };
    let Some(unlabelled) = unlabelled else {
        places::add(&mut values, &labelled, &context.func, &compiled, 0, &compilation);
        return Ok((compiled, values));
    };
    if let Some(shift) = shift(&compiled, &unlabelled) {
        places::add(&mut values, &labelled, &context.func, &compiled, shift, &compilation);
    }
    Ok((unlabelled, values))
}

/// How much longer the prologue of the second one is, given that the code behind the prologues is the same; none if it isn't.
fn shift(labelled: &CompiledCode, unlabelled: &CompiledCode) -> Option<u32> {
    let (one, other) = (locations(labelled), locations(unlabelled));
    let returns = |compiled: &CompiledCode| -> Vec<u32> {
        compiled.buffer.call_sites().map(|site| site.ret_addr).collect()
    };
    let shift = other.first()?.0.checked_sub(one.first()?.0)?;
    let is_same = one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| (one.0 + shift, one.1 + shift, one.2) == *other)
        && returns(labelled).iter().map(|address| address + shift).eq(returns(unlabelled))
        && labelled.buffer.frame_layout() == unlabelled.buffer.frame_layout();
    is_same.then_some(shift)
}

/// The parts of the code, but for the prologue, which has no place in the module: from, to, and offset in the module.
fn locations(compiled: &CompiledCode) -> Vec<(u32, u32, SourceLoc)> {
    let all = compiled.buffer.get_srclocs_sorted().iter().skip_while(|location| location.loc.is_default());
    all.map(|location| (location.start, location.end, location.loc)).collect()
}

/// Expresses the values in as few as possible, whose numbers are the last result.
fn express(func: &Function, labels: &Labels) -> (Values, Vec<Root>, Numbers) {
    let mut numbers = Numbers::new();
    let mut roots = Vec::new();
    let mut number = |value: Value, low: bool| {
        let number = numbers.place(value, low);
        if *number == NONE {
            *number = roots.len() as u32;
            roots.push(Root { value, low });
        }
        *number
    };
    let mut values = Values { written: labels.written.clone(), ..Values::default() };
    values.known.reserve_exact(labels.spans.len());
    for span in &labels.spans {
        let value = func.dfg.resolve_aliases(span.value);
        let Some(kind) = kind(func, value) else { continue };
        let low = kind == Kind::I32;
        let sum = sum(func, value, low);
        let formula = match (sum.root, float_constant(func, value)) {
            (_, Some(bits)) => Formula::Constant(bits),
            (None, _) => Formula::Constant(sum.addend as u64),
            (Some(root), _) => {
                let root = func.dfg.resolve_aliases(root);
                Formula::Sum { root: number(root, low), addend: sum.addend }
            }
        };
        values.known.push((span.subject, span.offsets.clone(), Known { kind, formula }));
    }
    for (global, value) in &labels.globals {
        let value = func.dfg.resolve_aliases(*value);
        if let Some(root) = numbers.get(value, func.dfg.value_type(value) == types::I32) {
            values.globals.push((root, *global));
        }
    }
    (values, roots, numbers)
}

fn kind(func: &Function, value: Value) -> Option<Kind> {
    match func.dfg.value_type(value) {
        types::I32 => Some(Kind::I32),
        types::I64 => Some(Kind::I64),
        types::F32 => Some(Kind::F32),
        types::F64 => Some(Kind::F64),
        ty if ty.is_vector() && ty.bytes() == 16 => Some(Kind::V128),
        _ => None,
    }
}

/// The values that a root has become.
struct Replacements {
    /// Itself, if it is still there.
    own: Option<Value>,
    others: Vec<Value>,
}

impl Replacements {
    fn all(&self) -> impl Iterator<Item = Value> {
        self.own.into_iter().chain(self.others.iter().copied())
    }

    fn contains(&self, value: Value) -> bool {
        self.own == Some(value) || self.others.contains(&value)
    }
}

/// Where the roots are operands. Optimisation replaces an operand by an equal value, so the instruction tells then what a
/// root has become.
struct Uses {
    /// Instruction, position among its values, root.
    uses: Vec<(Inst, usize, u32)>,
}

/// The most values of an instruction that is looked at.
const MOST_VALUES: usize = 64;

impl Uses {
    fn of(func: &Function, numbers: &Numbers) -> Uses {
        let mut uses = Vec::new();
        for inst in func.layout.blocks().flat_map(|block| func.layout.block_insts(block)) {
            // A condition is replaced by any that is true in the same cases.
            let has_condition =
                matches!(func.dfg.insts[inst].opcode(), Opcode::Brif | Opcode::Trapz | Opcode::Trapnz);
            let operands = func.dfg.inst_values(inst).enumerate().skip(usize::from(has_condition));
            for (position, value) in operands.take(MOST_VALUES) {
                let found = [false, true].into_iter().filter_map(|low| numbers.get(value, low));
                uses.extend(found.map(|root| (inst, position, root)));
            }
        }
        Uses { uses }
    }

    /// The values that each root has become.
    fn replacements(&self, func: &Function, roots: &[Root]) -> Vec<Replacements> {
        let is_present = |value: Value| match func.dfg.value_is_real(value).then(|| func.dfg.value_def(value))
        {
            Some(ValueDef::Result(inst, _)) => func.layout.inst_block(inst).is_some(),
            Some(ValueDef::Param(block, _)) => func.layout.is_block_inserted(block),
            _ => false,
        };
        let own = roots.iter().map(|root| func.dfg.resolve_aliases(root.value));
        let own = own.map(|value| Some(value).filter(|value| is_present(*value)));
        let mut all: Vec<Replacements> = own.map(|own| Replacements { own, others: Vec::new() }).collect();
        for (inst, position, root) in &self.uses {
            if func.layout.inst_block(*inst).is_none() {
                continue;
            }
            let Some(value) = func.dfg.inst_values(*inst).nth(*position) else { continue };
            let known = &mut all[*root as usize];
            if known.own != Some(value)
                && known.others.len() + 1 < MOST_LABELS
                && is_present(value)
                && !known.others.contains(&value)
            {
                known.others.push(value);
            }
        }
        all
    }
}

/// What values of roots are sums of: for each such base its roots, in a list.
struct Bases {
    first: Numbers,
    /// Root, what is to be added for it, and the next one of the same base, or [`NONE`].
    sums: Vec<(u32, i64, u32)>,
}

impl Bases {
    /// Adds a root, unless it is the last one that was added to its base.
    fn add(&mut self, base: Value, low: bool, root: u32, addend: i64) {
        let first = self.first.place(base, low);
        if self.sums.get(*first as usize).is_none_or(|(last, ..)| *last != root) {
            self.sums.push((root, addend, *first));
            *first = self.sums.len() as u32 - 1;
        }
    }

    /// Calls `visit` with each root of a base, and what is to be added for it; those for which it returns false are removed.
    fn visit(&mut self, base: Value, low: bool, mut visit: impl FnMut(u32, i64) -> bool) {
        let (mut before, mut at) = (NONE, self.first.get(base, low).unwrap_or(NONE));
        while let Some((root, addend, next)) = self.sums.get(at as usize).copied() {
            if visit(root, addend) {
                before = at;
            } else if before == NONE {
                *self.first.place(base, low) = next;
            } else {
                self.sums[before as usize].2 = next;
            }
            at = next;
        }
    }
}

/// Finds the values from which the roots can be computed. Roots that turn out to be constants become formulas.
fn find(func: &Function, roots: &[Root], replacements: &[Replacements], values: &mut Values) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut bases = Bases { first: Numbers::new(), sums: Vec::new() };
    let mut constants: Vec<Option<i64>> = vec![None; roots.len()];
    let mut counts = vec![0; roots.len()];
    for (number, (root, present)) in (0..).zip(roots.iter().zip(replacements)) {
        for value in present.all() {
            counts[number as usize] += 1;
            labels.push(Label { root: number, addend: 0, value });
            let sum = sum(func, value, root.low);
            match sum.root {
                Some(base) => bases.add(base, root.low, number, sum.addend),
                None => constants[number as usize] = Some(sum.addend),
            }
        }
    }
    for (_, _, known) in &mut values.known {
        if let Formula::Sum { root, addend } = known.formula
            && let Some(constant) = constants[root as usize]
        {
            let sum = constant.wrapping_add(addend) as u64;
            known.formula = Formula::Constant(if known.kind == Kind::I32 { sum & 0xffff_ffff } else { sum });
        }
    }
    let mut relate = |value: Value| {
        let ty = func.dfg.value_type(value);
        for low in [true, false] {
            if ty != types::I64 && !(low && ty == types::I32) {
                continue;
            }
            let sum = sum(func, value, low);
            let Some(base) = sum.root else { continue };
            bases.visit(base, low, |root, addend| {
                let count = &mut counts[root as usize];
                if *count < MOST_LABELS && !replacements[root as usize].contains(value) {
                    *count += 1;
                    labels.push(Label { root, addend: sum.addend.wrapping_sub(addend), value });
                }
                *count < MOST_LABELS
            });
        }
    };
    for block in func.layout.blocks() {
        func.dfg.block_params(block).iter().copied().for_each(&mut relate);
        for inst in func.layout.block_insts(block) {
            func.dfg.inst_results(inst).iter().copied().for_each(&mut relate);
        }
    }
    labels
}

/// Labels the values by their positions.
///
/// Where there are labels, Cranelift keeps the parameter that is the address of a library's state until the function returns.
/// So the function is made one that has no such parameter, nor the comparison of the stack pointer with a limit in the
/// state, which is part of the prologue.
fn label(func: &mut Function, labels: &[Label], single_pass: bool) {
    func.dfg.collect_debug_info();
    if let Some(state) = func.signature.special_param_index(ArgumentPurpose::VMContext) {
        func.stack_limit = None;
        func.signature.params[state].purpose = ArgumentPurpose::Normal;
    }
    for (number, label) in (0..).zip(labels) {
        add_label(func, label.value, number);
        if single_pass {
            // It knows nothing of a label's value unless the label's range ends before the value is used last, and gives
            // all of the value's range otherwise. The range ends where another value has the label: a constant that
            // nothing uses, for which there is no code.
            let mut cursor = FuncCursor::new(func);
            match cursor.func.dfg.value_def(label.value) {
                ValueDef::Result(inst, _) => cursor.goto_after_inst(inst),
                ValueDef::Param(block, _) => cursor.goto_first_insertion_point(block),
                ValueDef::Union(..) => unreachable!("there are none without optimisation"),
            }
            let end = cursor.ins().iconst(types::I32, 0);
            add_label(func, end, number);
        }
    }
}

fn add_label(func: &mut Function, value: Value, number: u32) {
    let labels = func.dfg.values_labels.as_mut().expect("they are collected");
    let start = ValueLabelStart { from: RelSourceLoc::default(), label: ValueLabel::from_u32(number) };
    match labels.entry(value).or_insert_with(|| ValueLabelAssignments::Starts(Vec::new())) {
        ValueLabelAssignments::Starts(starts) => starts.push(start),
        ValueLabelAssignments::Alias { .. } => unreachable!("nothing makes aliases"),
    }
}
