//! A validated module, section by section.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::Result;
use cranelift_entity::PrimaryMap;
use wasmparser::{
    CompositeInnerType, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody, GlobalType,
    MemoryType, SubType, TableType, TypeRef,
};

use super::constant::{ConstExpr, ConstOp};
use super::debug::DebugSections;
use super::dylink::Dylink;
use super::index::*;
use super::summary::Summary;
use crate::escape::escape;

/// A validated module. Imports come first in each index space.
#[derive(Default)]
pub struct Module<'a> {
    pub bytes: &'a [u8],
    pub types: PrimaryMap<TypeIndex, SubType>,
    /// The sizes of the recursion groups of the types, in order.
    pub type_groups: Vec<usize>,
    pub imports: Vec<Import<'a>>,
    /// Whether the import section has groups of imports, as the proposal "compact import section" has them.
    pub compact_imports: bool,
    pub imported_functions: usize,
    pub functions: PrimaryMap<FuncIndex, TypeIndex>,
    pub tables: PrimaryMap<TableIndex, Table>,
    pub memories: PrimaryMap<MemoryIndex, MemoryType>,
    pub globals: PrimaryMap<GlobalIndex, Global>,
    /// Types of the tags: their parameters are what an exception carries.
    pub tags: PrimaryMap<TagIndex, TypeIndex>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<FuncIndex>,
    pub elements: PrimaryMap<ElementIndex, ElementSegment>,
    pub data: PrimaryMap<DataIndex, DataSegment<'a>>,
    pub defined: PrimaryMap<DefinedIndex, DefinedFunction<'a>>,
    /// The names in the name section, demangled and escaped.
    pub function_names: HashMap<FuncIndex, String>,
    /// The names in the name section that Rust's or C++'s compiler has mangled, as they are there.
    pub mangled_names: HashMap<FuncIndex, &'a str>,
    /// Branch hints by function: the byte offset of the branch in the module, and whether it is likely to be
    /// taken.
    pub branch_hints: HashMap<FuncIndex, HashMap<u64, bool>>,
    /// What its section `dylink.0` says, or why that can't be read.
    pub dylink: Option<Result<Dylink<'a>, String>>,
    /// The offset in the module from which DWARF counts: that of the code section's contents, behind its size.
    pub code_start: u64,
    pub debug: DebugSections<'a>,
}

pub struct DefinedFunction<'a> {
    pub body: FunctionBody<'a>,
    pub summary: Summary,
}

pub struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub item: Item,
}

impl<'a> Import<'a> {
    /// The name of the import's module for diagnostics: shortened if it is long, since the section may contain it once
    /// for any number of imports.
    pub fn module_name(&self) -> Cow<'a, str> {
        const MOST_BYTES: usize = 128;
        match self.module.len() {
            ..=MOST_BYTES => self.module.into(),
            _ => format!("{}...", &self.module[..self.module.floor_char_boundary(MOST_BYTES)]).into(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    Func(FuncIndex),
    Table(TableIndex),
    Memory(MemoryIndex),
    Global(GlobalIndex),
    Tag(TagIndex),
}

impl Item {
    pub fn new(kind: ExternalKind, index: u32) -> Item {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Item::Func(FuncIndex::from_u32(index)),
            ExternalKind::Table => Item::Table(TableIndex::from_u32(index)),
            ExternalKind::Memory => Item::Memory(MemoryIndex::from_u32(index)),
            ExternalKind::Global => Item::Global(GlobalIndex::from_u32(index)),
            ExternalKind::Tag => Item::Tag(TagIndex::from_u32(index)),
        }
    }
}

pub struct Export<'a> {
    pub name: &'a str,
    pub item: Item,
}

pub struct Table {
    pub ty: TableType,
    /// The initial value of each element; null if there is none.
    pub init: Option<ConstExpr>,
}

pub struct Global {
    pub ty: GlobalType,
    /// None for an imported global.
    pub init: Option<ConstExpr>,
}

/// Where a segment goes when the module is instantiated.
pub enum SegmentKind<I> {
    Passive,
    Active { target: I, offset: ConstExpr },
    Declared,
}

pub struct ElementSegment {
    pub kind: SegmentKind<TableIndex>,
    pub items: Vec<ConstExpr>,
}

pub struct DataSegment<'a> {
    pub kind: SegmentKind<MemoryIndex>,
    pub bytes: &'a [u8],
}

impl ElementSegment {
    pub fn read(element: wasmparser::Element<'_>) -> Result<ElementSegment> {
        let kind = match element.kind {
            ElementKind::Passive => SegmentKind::Passive,
            ElementKind::Declared => SegmentKind::Declared,
            ElementKind::Active { table_index, offset_expr } => SegmentKind::Active {
                target: TableIndex::from_u32(table_index.unwrap_or(0)),
                offset: ConstExpr::read(&offset_expr)?,
            },
        };
        let mut items = Vec::new();
        match element.items {
            ElementItems::Functions(functions) => {
                for func in functions {
                    items.push(ConstExpr(vec![ConstOp::RefFunc(FuncIndex::from_u32(func?))]));
                }
            }
            ElementItems::Expressions(_, exprs) => {
                for expr in exprs {
                    items.push(ConstExpr::read(&expr?)?);
                }
            }
        }
        Ok(ElementSegment { kind, items })
    }
}

impl<'a> DataSegment<'a> {
    pub fn read(data: wasmparser::Data<'a>) -> Result<DataSegment<'a>> {
        let kind = match data.kind {
            wasmparser::DataKind::Passive => SegmentKind::Passive,
            wasmparser::DataKind::Active { memory_index, offset_expr } => SegmentKind::Active {
                target: MemoryIndex::from_u32(memory_index),
                offset: ConstExpr::read(&offset_expr)?,
            },
        };
        Ok(DataSegment { kind, bytes: data.data })
    }
}

impl<'a> Module<'a> {
    pub(super) fn add_import(&mut self, import: wasmparser::Import<'a>) {
        let item = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.imported_functions += 1;
                Item::Func(self.functions.push(TypeIndex::from_u32(ty)))
            }
            TypeRef::Table(ty) => Item::Table(self.tables.push(Table { ty, init: None })),
            TypeRef::Memory(ty) => Item::Memory(self.memories.push(ty)),
            TypeRef::Global(ty) => Item::Global(self.globals.push(Global { ty, init: None })),
            TypeRef::Tag(ty) => Item::Tag(self.tags.push(TypeIndex::from_u32(ty.func_type_idx))),
        };
        self.imports.push(Import { module: import.module, name: import.name, item });
    }

    /// A type of functions.
    pub fn signature(&self, ty: TypeIndex) -> &FuncType {
        match &self.types[ty].composite_type.inner {
            CompositeInnerType::Func(ty) => ty,
            other => unreachable!("validated: a type of functions, not {other}"),
        }
    }

    /// Type of a function.
    pub fn function_type(&self, func: FuncIndex) -> &FuncType {
        self.signature(self.functions[func])
    }

    /// The export that has this name.
    pub fn export(&self, name: &str) -> Option<Item> {
        self.exports.iter().find(|export| export.name == name).map(|export| export.item)
    }

    /// The name of a function that the module defines, as linkers, debuggers and profilers expect it, if it is mangled.
    pub fn mangled_name(&self, func: DefinedIndex) -> Option<&'a str> {
        let func = FuncIndex::from_u32(self.imported_functions as u32 + func.as_u32());
        self.mangled_names.get(&func).copied()
    }

    /// The name of a function for diagnostics: from the name section, from an export (escaped), or its index.
    pub fn function_name(&self, func: FuncIndex) -> String {
        if let Some(name) = self.function_names.get(&func) {
            return name.clone();
        }
        let export = self.exports.iter().find(|export| export.item == Item::Func(func));
        export
            .map_or_else(|| format!("function {}", func.as_u32()), |export| escape(export.name).into_owned())
    }
}
