//! How objects of the garbage-collected heap are laid out, see `wasm_aot_abi::gc`.
//!
//! A structure starts with the fields of its supertype, at the same places. Each field is at a multiple of its
//! size, up to 8 bytes.

use std::ops::Range;

use cranelift_entity::SecondaryMap;
use wasm_aot_abi::exception::Exception;
use wasm_aot_abi::gc;
use wasmparser::{CompositeInnerType, StorageType, ValType};

use crate::facts::Facts;
use crate::program::{Program, TagId, TypeId, Types};

/// How a field, an element or a value of an exception is stored in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    I8,
    I16,
    Number(ValType),
    /// A reference that the collector follows: 32 bits.
    Reference,
    /// Another reference: an address of 64 bits.
    Address,
}

impl Storage {
    pub fn bytes(self) -> u32 {
        match self {
            Storage::I8 => 1,
            Storage::I16 => 2,
            Storage::Number(ValType::I32 | ValType::F32) | Storage::Reference => 4,
            Storage::Number(ValType::V128) => 16,
            Storage::Number(_) | Storage::Address => 8,
        }
    }
}

/// The fields of a structure.
#[derive(Clone, Default)]
pub struct ObjectLayout {
    pub fields: Vec<(i32, Storage)>,
    /// Size of the whole structure in bytes.
    pub bytes: u32,
}

impl ObjectLayout {
    fn new(fields: impl Iterator<Item = Storage>) -> ObjectLayout {
        let mut end = gc::HEADER_BYTES;
        let mut place = |storage: Storage| {
            let offset = end.next_multiple_of(storage.bytes().min(gc::ALIGNMENT));
            end = offset + storage.bytes();
            (offset as i32, storage)
        };
        let fields = fields.map(&mut place).collect();
        ObjectLayout { fields, bytes: end.next_multiple_of(gc::ALIGNMENT) }
    }

    /// Offsets of the references that the collector follows.
    pub fn references(&self) -> impl Iterator<Item = u32> + '_ {
        let traced = self.fields.iter().filter(|(_, storage)| *storage == Storage::Reference);
        traced.map(|(offset, _)| *offset as u32)
    }
}

/// The layouts of objects and exceptions.
pub struct Objects<'p, 'a> {
    program: &'p Program<'a>,
    uses_gc: bool,
    structures: SecondaryMap<TypeId, ObjectLayout>,
}

/// The header of objects of the type with this number.
pub fn header(number: u32) -> u32 {
    number << gc::TYPE_SHIFT
}

fn storage(types: &Types, ty: StorageType) -> Storage {
    match ty {
        StorageType::I8 => Storage::I8,
        StorageType::I16 => Storage::I16,
        StorageType::Val(ValType::Ref(ty)) if types.is_traced(ty.heap_type()) => Storage::Reference,
        StorageType::Val(ValType::Ref(_)) => Storage::Address,
        StorageType::Val(number) => Storage::Number(number),
    }
}

impl<'p, 'a> Objects<'p, 'a> {
    pub fn new(program: &'p Program<'a>, facts: &Facts) -> Objects<'p, 'a> {
        let mut structures = SecondaryMap::new();
        for (id, ty) in program.types.iter() {
            if let CompositeInnerType::Struct(ty) = ty {
                let storages = ty.fields.iter().map(|field| storage(&program.types, field.element_type));
                structures[id] = ObjectLayout::new(storages);
            }
        }
        Objects { program, uses_gc: facts.uses_gc(), structures }
    }

    /// How a field or an element of this type is stored.
    pub fn storage(&self, ty: StorageType) -> Storage {
        storage(&self.program.types, ty)
    }

    /// The layout of a type of structures.
    pub fn structure(&self, ty: TypeId) -> &ObjectLayout {
        &self.structures[ty]
    }

    /// Numbers of the types of exceptions: they follow those of the Wasm object types.
    pub fn exception_range(&self) -> Range<u32> {
        let first = self.program.types.array_range().end;
        first..first + self.program.tags.len() as u32
    }

    pub fn exception_number(&self, tag: TagId) -> u32 {
        self.exception_range().start + tag.as_u32()
    }

    /// Layout of exceptions with this tag. Unlike fields, values are at least 8 bytes apart: `Exception`.
    pub fn exception(&self, tag: TagId) -> ObjectLayout {
        let mut end = Exception::VALUES as u32;
        let mut place = |ty: &ValType| {
            let storage = match self.storage(StorageType::Val(*ty)) {
                // Without objects a reference may be the address of an exception.
                Storage::Reference if !self.uses_gc => Storage::Address,
                storage => storage,
            };
            let size = storage.bytes().max(8);
            let offset = end.next_multiple_of(size);
            end = offset + size;
            (offset as i32, storage)
        };
        let fields = self.program.signature(self.program.tags[tag]).params().iter().map(&mut place).collect();
        ObjectLayout { fields, bytes: end.next_multiple_of(Exception::ALIGNMENT) }
    }

    /// Whether the collector follows values of this type, in this program.
    pub fn is_traced(&self, ty: ValType) -> bool {
        matches!(ty, ValType::Ref(ty) if self.uses_gc && self.program.types.is_traced(ty.heap_type()))
    }
}
