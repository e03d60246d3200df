//! The index spaces of a module.

use cranelift_entity::entity_impl;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);
        entity_impl!($name, $prefix);
    };
}

index!(/// A type of a module.
    TypeIndex, "type");
index!(/// A function of a module, imported ones first.
    FuncIndex, "func");
index!(/// A function that a module defines, from 0.
    DefinedIndex, "defined");
index!(/// A table of a module, imported ones first.
    TableIndex, "table");
index!(/// A memory of a module, imported ones first.
    MemoryIndex, "memory");
index!(/// A global of a module, imported ones first.
    GlobalIndex, "global");
index!(/// A tag of exceptions of a module, imported ones first.
    TagIndex, "tag");
index!(/// An element segment of a module.
    ElementIndex, "element");
index!(/// A data segment of a module.
    DataIndex, "data");
