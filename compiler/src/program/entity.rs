//! The index spaces of a program.

use cranelift_entity::entity_impl;

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);
        entity_impl!($name, $prefix);
    };
}

entity!(/// An instance of a module.
    InstanceId, "instance");
entity!(/// A function of the program: from an instance, from the host, or a stand-in for an unknown import.
    FuncId, "fn");
entity!(/// A table of the program.
    TableId, "tab");
entity!(/// A linear memory of the program.
    MemoryId, "mem");
entity!(/// A global of the program.
    GlobalId, "glob");
entity!(/// A tag of exceptions of the program.
    TagId, "tag");
entity!(/// A component instance.
    ComponentId, "component");
entity!(/// The canonical options of some lowered functions.
    CanonicalId, "options");
entity!(/// Types of streams and futures.
    EndsId, "ends");
entity!(/// What adapters call asynchronously.
    CalleeId, "callee");
entity!(/// How a function is lifted.
    LiftId, "lift");
entity!(/// A kind of resource.
    ResourceId, "resource");
entity!(/// A function of the runtime that is bound to constants.
    BoundId, "bound");
entity!(/// A function that whoever links the library defines.
    EmbedderId, "embedder");
entity!(/// A type of functions or objects, canonical in the whole program.
    TypeId, "type");
