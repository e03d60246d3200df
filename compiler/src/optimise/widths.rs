//! How many low bits of integers can be other than zero: the least numbers that agree with each other. They are found out for the
//! values that somebody asks about, and for what these are made of, and for nothing else of the function.

use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Function, Inst, Opcode, Value, ValueDef};
use cranelift_entity::SecondaryMap;

use super::branches::Branches;
use super::pure::constant;

/// How the width of a value follows from those of others, its sources.
#[derive(Clone, Copy)]
enum Rule {
    /// There are no sources.
    Known(u8),
    Least,
    Most,
    /// That of the only source, less the distance of a shift to the right.
    Less(u8),
}

/// A value whose width is wanted.
#[derive(Clone, Copy)]
struct Node {
    rule: Rule,
    /// The greatest width, that of its type; anything for a parameter.
    bits: u8,
    /// Where its sources are in `Wanted::sources`.
    start: u32,
    end: u32,
}

/// The values whose widths are wanted.
pub struct Wanted<'f> {
    branches: Branches<'f>,
    /// The place of a value in `nodes`, and 1.
    places: SecondaryMap<Value, u32>,
    nodes: Vec<Node>,
    sources: Vec<Value>,
    /// The nodes, most of them behind their sources.
    order: Vec<u32>,
}

/// The most sources of parameters of blocks that are looked at in a function.
const MOST_SOURCES: usize = 1 << 17;
/// How often all are looked at until they agree with each other: real ones take a handful.
const MOST_ROUNDS: u32 = 16;

impl<'f> Wanted<'f> {
    pub fn new(func: &'f Function, cfg: &'f ControlFlowGraph) -> Wanted<'f> {
        Wanted {
            branches: Branches::new(func, cfg),
            places: SecondaryMap::new(),
            nodes: Vec::new(),
            sources: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Asks for the width of a value, which isn't an alias.
    pub fn want(&mut self, value: Value) {
        // Each with the next of its sources.
        let mut open: Vec<(u32, u32)> = self.visit(value).into_iter().collect();
        while let Some((node, next)) = open.last_mut() {
            if *next == self.nodes[*node as usize].end {
                self.order.push(*node);
                open.pop();
                continue;
            }
            let source = self.sources[*next as usize];
            *next += 1;
            open.extend(self.visit(source));
        }
    }

    /// Makes a value a node; none if it is one.
    fn visit(&mut self, value: Value) -> Option<(u32, u32)> {
        if self.places[value] != 0 {
            return None;
        }
        let func = self.branches.func;
        let start = self.sources.len() as u32;
        let (rule, bits) = match func.dfg.value_def(value) {
            ValueDef::Result(inst, _) => {
                let bits = u8::try_from(func.dfg.value_type(value).bits()).unwrap_or(u8::MAX);
                (self.rule(value, inst, bits), bits)
            }
            ValueDef::Param(block, position) => {
                let most = MOST_SOURCES.saturating_sub(self.sources.len());
                let ways = self.branches.ways(block, position, most);
                self.sources.extend(ways.iter().flatten().map(|way| way.value));
                (if ways.is_some() { Rule::Most } else { Rule::Known(u8::MAX) }, u8::MAX)
            }
            ValueDef::Union(..) => (Rule::Known(u8::MAX), u8::MAX),
        };
        let node = self.nodes.len() as u32;
        self.nodes.push(Node { rule, bits, start, end: self.sources.len() as u32 });
        self.places[value] = node + 1;
        Some((node, start))
    }

    /// The rule for what an instruction defines, whose sources are added.
    fn rule(&mut self, result: Value, inst: Inst, bits: u8) -> Rule {
        let func = self.branches.func;
        let (rule, operands) = match func.dfg.insts[inst].opcode() {
            Opcode::Iconst => {
                let width = constant(func, result).map_or(bits, |value| (64 - value.leading_zeros()) as u8);
                return Rule::Known(width);
            }
            Opcode::Uload8 => return Rule::Known(8),
            Opcode::Uload16 => return Rule::Known(16),
            Opcode::Uload32 => return Rule::Known(32),
            Opcode::Icmp | Opcode::Fcmp if bits == 8 => return Rule::Known(1),
            Opcode::Band => (Rule::Least, 0..2),
            Opcode::Bor | Opcode::Bxor => (Rule::Most, 0..2),
            Opcode::Uextend | Opcode::Ireduce => (Rule::Most, 0..1),
            Opcode::Select => (Rule::Most, 1..3),
            Opcode::Ushr => {
                let distance = shift(func, inst).map_or(0, |(_, distance)| distance);
                (Rule::Less(distance as u8), 0..1)
            }
            _ => return Rule::Known(bits),
        };
        let operands = &func.dfg.inst_args(inst)[operands];
        self.sources.extend(operands.iter().map(|operand| func.dfg.resolve_aliases(*operand)));
        rule
    }

    /// Finds out what was asked for; none if that takes too long.
    ///
    /// Widths are raised until none of them is less than its rule makes of those of its sources.
    pub fn solve(self) -> Option<Widths> {
        let mut widths = vec![0; self.nodes.len()];
        for _ in 0..MOST_ROUNDS {
            let mut changed = false;
            for node in &self.order {
                let Node { rule, bits, start, end } = self.nodes[*node as usize];
                let sources = self.sources[start as usize..end as usize].iter();
                let sources = sources.map(|source| widths[self.places[*source] as usize - 1]);
                // A parameter that no branch hands anything over for never exists.
                let new: u8 = match rule {
                    Rule::Known(width) => width,
                    Rule::Least => sources.min().unwrap_or(0),
                    Rule::Most => sources.max().unwrap_or(0),
                    Rule::Less(distance) => sources.max().unwrap_or(0).saturating_sub(distance),
                };
                let width = &mut widths[*node as usize];
                if new.min(bits) > *width {
                    *width = new.min(bits);
                    changed = true;
                }
            }
            if !changed {
                return Some(Widths { places: self.places, widths });
            }
        }
        None
    }
}

/// What is known of widths.
pub struct Widths {
    /// The place of a value in `widths`, and 1.
    places: SecondaryMap<Value, u32>,
    widths: Vec<u8>,
}

impl Widths {
    /// The number of low bits outside of which a value is zero.
    pub fn of(&self, value: Value) -> u8 {
        self.places[value].checked_sub(1).map_or(u8::MAX, |place| self.widths[place as usize])
    }
}

/// What an instruction shifts to the right, unsigned, and by how many bits, if that is a constant.
pub fn shift(func: &Function, inst: Inst) -> Option<(Value, u32)> {
    if func.dfg.insts[inst].opcode() != Opcode::Ushr {
        return None;
    }
    let [value, distance] = func.dfg.inst_args(inst) else { return None };
    let bits = func.dfg.value_type(*value).bits();
    if bits > 64 {
        return None;
    }
    // Distances are taken modulo the width.
    Some((func.dfg.resolve_aliases(*value), constant(func, *distance)? as u32 % bits))
}
