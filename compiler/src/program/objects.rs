//! How objects of the garbage-collected heap are laid out, see `wasm_aot_abi::gc`.
//!
//! A structure starts with the fields of its supertype, at the same places. Each field is at a multiple of its
//! size, up to 8 bytes.

use std::ops::Range;

use wasm_aot_abi::exception::Exception;
use wasm_aot_abi::gc;
use wasmparser::{CompositeInnerType, FieldType, HeapType, StorageType, ValType};

use super::types::{Hierarchy, Types};
use super::{Program, TagId, TypeId};

/// What a field, an element or a value of an exception is in memory.
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
pub struct Layout {
    pub fields: Vec<(i32, Storage)>,
    /// Of the whole.
    pub bytes: u32,
}

impl Layout {
    fn new(fields: impl Iterator<Item = Storage>) -> Layout {
        let mut end = gc::HEADER_BYTES;
        let mut place = |storage: Storage| {
            let offset = end.next_multiple_of(storage.bytes().min(gc::ALIGNMENT));
            end = offset + storage.bytes();
            (offset as i32, storage)
        };
        let fields = fields.map(&mut place).collect();
        Layout { fields, bytes: end.next_multiple_of(gc::ALIGNMENT) }
    }

    /// Offsets of the references that the collector follows.
    pub fn references(&self) -> impl Iterator<Item = u32> + '_ {
        let traced = self.fields.iter().filter(|(_, storage)| *storage == Storage::Reference);
        traced.map(|(offset, _)| *offset as u32)
    }
}

impl Types {
    pub fn storage(&self, ty: StorageType) -> Storage {
        match ty {
            StorageType::I8 => Storage::I8,
            StorageType::I16 => Storage::I16,
            StorageType::Val(ValType::Ref(ty)) if self.is_traced(ty.heap_type()) => Storage::Reference,
            StorageType::Val(ValType::Ref(_)) => Storage::Address,
            StorageType::Val(number) => Storage::Number(number),
        }
    }

    /// Does the collector follow references of this type?
    pub fn is_traced(&self, ty: HeapType) -> bool {
        self.hierarchy(ty) != Hierarchy::Func
    }

    /// Fields of a type of structures.
    pub fn fields(&self, id: TypeId) -> &[FieldType] {
        match self.composite(id) {
            CompositeInnerType::Struct(ty) => &ty.fields,
            other => unreachable!("validated: a structure, not {other}"),
        }
    }

    /// Elements of a type of arrays.
    pub fn element(&self, id: TypeId) -> FieldType {
        match self.composite(id) {
            CompositeInnerType::Array(ty) => ty.0,
            other => unreachable!("validated: an array, not {other}"),
        }
    }

    pub fn layout(&self, id: TypeId) -> &Layout {
        &self.layouts[id]
    }

    pub(super) fn lay_out(&mut self) {
        let layouts: Vec<(TypeId, Layout)> = self
            .iter()
            .filter(|(_, ty)| matches!(ty, CompositeInnerType::Struct(_)))
            .map(|(id, _)| {
                (id, Layout::new(self.fields(id).iter().map(|field| self.storage(field.element_type))))
            })
            .collect();
        for (id, layout) in layouts {
            self.layouts[id] = layout;
        }
    }

    /// The header of objects of the type with this number.
    pub fn header(number: u32) -> u32 {
        number << gc::TYPE_SHIFT
    }
}

impl Program<'_> {
    /// Numbers of the types of exceptions: those behind the objects of Wasm.
    pub fn exception_range(&self) -> Range<u32> {
        let first = self.types.array_range().end;
        first..first + self.tags.len() as u32
    }

    pub fn exception_number(&self, tag: TagId) -> u32 {
        self.exception_range().start + tag.as_u32()
    }

    /// Layout of exceptions with this tag. Unlike fields, values are at least 8 bytes apart: `Exception`.
    pub fn exception_layout(&self, tag: TagId) -> Layout {
        let mut end = Exception::VALUES as u32;
        let mut place = |ty: &ValType| {
            let storage = match self.types.storage(StorageType::Val(*ty)) {
                // Without objects a reference may be the address of an exception.
                Storage::Reference if !self.collects => Storage::Address,
                storage => storage,
            };
            let size = storage.bytes().max(8);
            let offset = end.next_multiple_of(size);
            end = offset + size;
            (offset as i32, storage)
        };
        let fields = self.signature(self.tags[tag]).params().iter().map(&mut place).collect();
        Layout { fields, bytes: end.next_multiple_of(Exception::ALIGNMENT) }
    }

    /// Does the collector follow values of this type, in this program?
    pub fn is_traced(&self, ty: ValType) -> bool {
        matches!(ty, ValType::Ref(ty) if self.collects && self.types.is_traced(ty.heap_type()))
    }
}
