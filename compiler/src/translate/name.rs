//! Symbols as Cranelift's external names: (namespace, index).

use cranelift_codegen::ir::UserExternalName;
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::service::Service;

use crate::layout::Symbol;
use crate::parse::{DataIndex, ElementIndex};
use crate::program::{
    CalleeId, CanonicalId, ComponentId, EndsId, FuncId, InstanceId, LiftId, MemoryId, ResourceId, TableId,
    TypeId,
};

/// The position in the namespace of the kind of a symbol that has two parts. The part below it, a table or an instance,
/// is less than 2^24: a module has at most 100,000 tables.
const PAIR_SHIFT: u32 = 24;

/// The namespace of [`Symbol::CallersMemory`].
const CALLERS_MEMORY: u32 = 30;

/// The external name of a symbol.
pub fn external_name(symbol: Symbol) -> UserExternalName {
    let pair = |kind: u32, first: u32| {
        assert!(first >> PAIR_SHIFT == 0, "there are too many of {symbol:?}");
        kind << PAIR_SHIFT | first
    };
    let (namespace, index) = match symbol {
        Symbol::Func(func) => (0, func.as_u32()),
        Symbol::Builtin(builtin) => (1, builtin as u32),
        Symbol::Globals => (2, 0),
        Symbol::Memory(memory) => (3, memory.as_u32()),
        Symbol::Table(table) => (4, table.as_u32()),
        Symbol::TablePairs(table) => (5, table.as_u32()),
        Symbol::FuncRef(func) => (6, func.as_u32()),
        Symbol::SegmentLengths => (7, 0),
        Symbol::UninitializedStub => (8, 0),
        Symbol::MismatchStub => (9, 0),
        Symbol::Main => (10, 0),
        Symbol::Command(command) => (11, command),
        Symbol::Trampoline(func) => (12, func.as_u32()),
        Symbol::Fuel => (13, 0),
        Symbol::ThreadMain => (14, 0),
        Symbol::ThreadState => (15, 0),
        Symbol::Host(func) => (16, func.as_u32()),
        Symbol::TraceText(func) => (17, func.as_u32()),
        Symbol::Allocation => (18, 0),
        Symbol::SparseElements(table) => (19, table.as_u32()),
        Symbol::Entry(func) => (20, func.as_u32()),
        Symbol::CanonicalOptions(options) => (21, options.as_u32()),
        Symbol::ComponentInstance(instance) => (22, instance.as_u32()),
        Symbol::ResourceType(resource) => (23, resource.as_u32()),
        Symbol::ResourceTables => (24, 0),
        Symbol::Interface(index) => (25, index),
        Symbol::InterfaceBody(index) => (26, index),
        Symbol::Service(service) => (27, service as u32),
        Symbol::State => (28, 0),
        Symbol::StateTemplate => (29, 0),
        Symbol::CallersMemory => (CALLERS_MEMORY, 0),
        Symbol::TaskInstance(instance) => (31, instance.as_u32()),
        Symbol::Lift(lift) => (32, lift.as_u32()),
        Symbol::TaskInstances => (33, 0),
        Symbol::EndTypes(ends) => (34, ends.as_u32()),
        Symbol::SpilledEntry(func) => (35, func.as_u32()),
        Symbol::Callee(callee) => (36, callee.as_u32()),
        Symbol::EndTables { is_future } => (37, is_future.into()),
        Symbol::TableCode(table, signature) => (pair(1, table.as_u32()), signature.as_u32()),
        Symbol::Data(instance, data) => (pair(2, instance.as_u32()), data.as_u32()),
        Symbol::Elements(instance, element) => (pair(3, instance.as_u32()), element.as_u32()),
    };
    UserExternalName { namespace, index }
}

/// The symbol with this external name.
pub fn symbol_of(name: &UserExternalName) -> Symbol {
    let UserExternalName { namespace, index } = *name;
    let low = namespace & ((1 << PAIR_SHIFT) - 1);
    match (namespace >> PAIR_SHIFT, namespace) {
        (0, 0) => Symbol::Func(FuncId::from_u32(index)),
        (0, 1) => Symbol::Builtin(Builtin::ALL[index as usize]),
        (0, 2) => Symbol::Globals,
        (0, 3) => Symbol::Memory(MemoryId::from_u32(index)),
        (0, 4) => Symbol::Table(TableId::from_u32(index)),
        (0, 5) => Symbol::TablePairs(TableId::from_u32(index)),
        (0, 6) => Symbol::FuncRef(FuncId::from_u32(index)),
        (0, 7) => Symbol::SegmentLengths,
        (0, 8) => Symbol::UninitializedStub,
        (0, 9) => Symbol::MismatchStub,
        (0, 10) => Symbol::Main,
        (0, 11) => Symbol::Command(index),
        (0, 12) => Symbol::Trampoline(FuncId::from_u32(index)),
        (0, 13) => Symbol::Fuel,
        (0, 14) => Symbol::ThreadMain,
        (0, 15) => Symbol::ThreadState,
        (0, 16) => Symbol::Host(FuncId::from_u32(index)),
        (0, 17) => Symbol::TraceText(FuncId::from_u32(index)),
        (0, 18) => Symbol::Allocation,
        (0, 19) => Symbol::SparseElements(TableId::from_u32(index)),
        (0, 20) => Symbol::Entry(FuncId::from_u32(index)),
        (0, 21) => Symbol::CanonicalOptions(CanonicalId::from_u32(index)),
        (0, 22) => Symbol::ComponentInstance(ComponentId::from_u32(index)),
        (0, 23) => Symbol::ResourceType(ResourceId::from_u32(index)),
        (0, 24) => Symbol::ResourceTables,
        (0, 25) => Symbol::Interface(index),
        (0, 26) => Symbol::InterfaceBody(index),
        (0, 27) => Symbol::Service(Service::ALL[index as usize]),
        (0, 28) => Symbol::State,
        (0, 29) => Symbol::StateTemplate,
        (0, CALLERS_MEMORY) => Symbol::CallersMemory,
        (0, 31) => Symbol::TaskInstance(ComponentId::from_u32(index)),
        (0, 32) => Symbol::Lift(LiftId::from_u32(index)),
        (0, 33) => Symbol::TaskInstances,
        (0, 34) => Symbol::EndTypes(EndsId::from_u32(index)),
        (0, 35) => Symbol::SpilledEntry(FuncId::from_u32(index)),
        (0, 36) => Symbol::Callee(CalleeId::from_u32(index)),
        (0, 37) => Symbol::EndTables { is_future: index != 0 },
        (1, _) => Symbol::TableCode(TableId::from_u32(low), TypeId::from_u32(index)),
        (2, _) => Symbol::Data(InstanceId::from_u32(low), DataIndex::from_u32(index)),
        (3, _) => Symbol::Elements(InstanceId::from_u32(low), ElementIndex::from_u32(index)),
        _ => unreachable!("not a symbol: {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_names_tell_symbols_apart() {
        let (signature, large) = (TypeId::from_u32(5), 100_000);
        let symbols = [
            Symbol::TableCode(TableId::from_u32(0), signature),
            Symbol::TableCode(TableId::from_u32(1 << 16), signature),
            Symbol::TableCode(TableId::from_u32(large), TypeId::from_u32(1_000_000)),
            Symbol::Data(InstanceId::from_u32(large), DataIndex::from_u32(7)),
            Symbol::Elements(InstanceId::from_u32(large), ElementIndex::from_u32(7)),
            Symbol::SparseElements(TableId::from_u32(large)),
        ];
        for symbol in symbols {
            assert_eq!(symbol_of(&external_name(symbol)), symbol);
        }
    }
}
