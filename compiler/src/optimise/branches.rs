//! What parameters of blocks may be: what the branches to their blocks hand over.

use cranelift_codegen::flowgraph::{BlockPredecessor, ControlFlowGraph};
use cranelift_codegen::ir::{Block, BlockCall, Function, Inst, Value};
use cranelift_entity::SecondaryMap;

/// One of the values that something may be.
#[derive(Clone, Copy)]
pub struct Way {
    /// The branch, or the selection.
    pub at: Inst,
    /// The block of `at`.
    pub from: Block,
    /// Which destination of the branch, or which operand of the selection.
    pub number: u32,
    /// Not an alias.
    pub value: Value,
}

/// A branch to a block.
#[derive(Clone, Copy)]
struct Branch {
    inst: Inst,
    from: Block,
    /// Which of its destinations.
    number: u32,
}

/// The most branches to a block of which parameters are looked at, and destinations of each of these. Destinations are
/// searched for each block.
const MOST_BRANCHES: usize = 1 << 12;
const MOST_DESTINATIONS: usize = 1 << 10;
/// The most parameters of a block that are looked at. For each way, those before one are walked over.
const MOST_PARAMETERS: usize = 1 << 9;

/// The branches to blocks, found when they are asked for.
pub struct Branches<'f> {
    pub func: &'f Function,
    cfg: &'f ControlFlowGraph,
    /// None inside, if they are too many.
    known: SecondaryMap<Block, Option<Option<Vec<Branch>>>>,
}

impl<'f> Branches<'f> {
    pub fn new(func: &'f Function, cfg: &'f ControlFlowGraph) -> Branches<'f> {
        Branches { func, cfg, known: SecondaryMap::new() }
    }

    /// What a parameter of a block may be. None, if nothing in the function says: for a parameter of the function, or the
    /// result or exception of a call. None, too, if they are more than `most`.
    pub fn ways(&mut self, block: Block, position: usize, most: usize) -> Option<Vec<Way>> {
        let Branches { func, cfg, .. } = *self;
        if func.layout.entry_block() == Some(block) || position >= MOST_PARAMETERS {
            return None;
        }
        let branches = self.known[block].get_or_insert_with(|| {
            let all = cfg.pred_iter(block).flat_map(|before| {
                let destinations = destinations(func, before.inst).iter().enumerate();
                let here = destinations.filter(|(_, call)| call.block(&func.dfg.value_lists) == block);
                here.map(move |(number, _)| Branch {
                    inst: before.inst,
                    from: before.block,
                    number: number as u32,
                })
            });
            let few = |(index, before): (usize, BlockPredecessor)| {
                index < MOST_BRANCHES && destinations(func, before.inst).len() <= MOST_DESTINATIONS
            };
            let are_few = cfg.pred_iter(block).take(MOST_BRANCHES + 1).enumerate().all(few);
            are_few.then(|| all.collect())
        });
        let branches = branches.as_ref().filter(|branches| branches.len() <= most)?;
        let way = |branch: &Branch| {
            let call = &destinations(func, branch.inst)[branch.number as usize];
            let value = call.args(&func.dfg.value_lists).nth(position)?.as_value()?;
            let value = func.dfg.resolve_aliases(value);
            Some(Way { at: branch.inst, from: branch.from, number: branch.number, value })
        };
        branches.iter().map(way).collect()
    }
}

fn destinations(func: &Function, branch: Inst) -> &[BlockCall] {
    func.dfg.insts[branch].branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables)
}
