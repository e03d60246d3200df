//! What an instance defines before its imports are bound.

use cranelift_entity::EntityRef as _;

use super::entity::{FuncId, GlobalId, MemoryId, TableId, TagId};
use super::model::Entity;
use crate::parse::{Item, Module};

/// What an instance defines, by the position among the definitions of its kind, while its imports aren't bound yet.
#[derive(Default)]
pub(super) struct Declared {
    pub imported: Imported,
    pub funcs: Vec<FuncId>,
    pub tables: Vec<TableId>,
    pub memories: Vec<MemoryId>,
    /// None for a global whose value depends on imports.
    pub globals: Vec<Option<GlobalId>>,
    pub tags: Vec<TagId>,
}

/// How many of each kind a module imports.
#[derive(Default)]
pub(super) struct Imported {
    pub funcs: usize,
    pub tables: usize,
    pub memories: usize,
    pub globals: usize,
    pub tags: usize,
}

impl Imported {
    fn by(module: &Module<'_>) -> Imported {
        let mut imported = Imported::default();
        for import in &module.imports {
            *match import.item {
                Item::Func(_) => &mut imported.funcs,
                Item::Table(_) => &mut imported.tables,
                Item::Memory(_) => &mut imported.memories,
                Item::Global(_) => &mut imported.globals,
                Item::Tag(_) => &mut imported.tags,
            } += 1;
        }
        imported
    }
}

impl Declared {
    /// Nothing yet, of this module.
    pub fn new(module: &Module<'_>) -> Declared {
        Declared { imported: Imported::by(module), ..Declared::default() }
    }

    /// A definition, if the item isn't an import.
    pub fn entity(&self, item: Item) -> Option<Entity> {
        let imported = &self.imported;
        match item {
            Item::Func(index) => {
                Some(Entity::Func(*self.funcs.get(index.index().checked_sub(imported.funcs)?)?))
            }
            Item::Table(index) => {
                Some(Entity::Table(*self.tables.get(index.index().checked_sub(imported.tables)?)?))
            }
            Item::Memory(index) => {
                Some(Entity::Memory(*self.memories.get(index.index().checked_sub(imported.memories)?)?))
            }
            Item::Global(index) => {
                let global = *self.globals.get(index.index().checked_sub(imported.globals)?)?;
                global.map(Entity::Global)
            }
            Item::Tag(index) => Some(Entity::Tag(*self.tags.get(index.index().checked_sub(imported.tags)?)?)),
        }
    }
}
