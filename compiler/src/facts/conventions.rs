//! Which functions have the tail-call convention: those that make tail calls or are tail-called; and, since all
//! functions behind a reference must share one convention, every referenced function whose signature, or its root, is
//! that of one of these. All others keep the platform's convention.

use cranelift_entity::EntitySet;

use super::forward::Forwards;
use super::reach::{Reach, Summaries};
use crate::program::{FuncId, Program, TypeId};

pub struct Conventions {
    /// Functions that have the tail-call convention.
    pub tail: EntitySet<FuncId>,
    /// Roots (`Types::root`) of signatures whose functions have that convention when they are called through a table or
    /// a reference.
    pub tail_signatures: EntitySet<TypeId>,
}

impl Conventions {
    pub fn of(
        program: &Program<'_>,
        reach: &Reach,
        summaries: &Summaries<'_>,
        forwards: &Forwards,
    ) -> Conventions {
        let (mut tail, mut tail_signatures) = (EntitySet::<FuncId>::new(), EntitySet::<TypeId>::new());
        for func in reach.reachable.iter() {
            let (Some(summary), Some((instance, _))) = (summaries(func), program.wasm(func)) else {
                continue;
            };
            if summary.has_tail_call() {
                tail.insert(func);
            }
            let callees = summary.tail_calls.iter().map(|callee| forwards.resolve(instance.funcs[*callee]));
            tail.extend(callees.filter(|callee| program.wasm(*callee).is_some()));
            let types = summary.indirect_tail_calls.iter();
            tail_signatures.extend(types.map(|ty| program.types.root(instance.types[*ty])));
        }
        let in_tables = program.tables.values().flat_map(|plan| plan.functions());
        let referenced: Vec<FuncId> = in_tables.chain(reach.referenced.iter()).collect();
        let root = |func: FuncId| program.types.root(program.funcs[func].signature);
        tail_signatures
            .extend(referenced.iter().filter(|func| tail.contains(**func)).map(|func| root(*func)));
        tail.extend(referenced.into_iter().filter(|func| tail_signatures.contains(root(*func))));
        Conventions { tail, tail_signatures }
    }
}
