//! Structures.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::StorageType;

use super::super::operator::operators;
use super::super::translator::Translator;
use crate::layout::Storage;
use crate::program::TypeId;

operators! { |t|
    StructNew { struct_type_index } => t.struct_new(t.type_id(struct_type_index)),
    StructNewDefault { struct_type_index } => {
        t.struct_new_default(t.type_id(struct_type_index));
    },
    StructGet { struct_type_index, field_index } | StructGetU { struct_type_index, field_index } => {
        t.struct_get(t.type_id(struct_type_index), field_index as usize, false);
    },
    StructGetS { struct_type_index, field_index } => {
        t.struct_get(t.type_id(struct_type_index), field_index as usize, true);
    },
    StructSet { struct_type_index, field_index } => {
        t.struct_set(t.type_id(struct_type_index), field_index as usize);
    },
}

impl Translator<'_, '_, '_> {
    /// `struct.new`.
    pub(super) fn struct_new(&mut self, ty: TypeId) {
        let count = self.env.program.types.fields(ty).len();
        let values = self.stack.split_off(self.stack.len() - count);
        self.push_struct(ty, &values);
    }

    /// `struct.new_default`.
    pub(super) fn struct_new_default(&mut self, ty: TypeId) {
        let storages: Vec<Storage> =
            self.env.layout.objects.structure(ty).fields.iter().map(|(_, storage)| *storage).collect();
        let values: Vec<Value> = storages.into_iter().map(|storage| self.zero(storage)).collect();
        self.push_struct(ty, &values);
    }

    fn push_struct(&mut self, ty: TypeId, values: &[Value]) {
        let layout = self.env.layout.objects.structure(ty);
        let bytes = self.builder.ins().iconst(types::I64, i64::from(layout.bytes));
        let object = self.allocate(ty, bytes);
        let flags = self.element_access();
        for ((offset, storage), value) in layout.fields.iter().zip(values) {
            self.store_storage(*storage, *value, flags, object, *offset);
        }
        self.stack.push(object);
    }

    fn struct_get(&mut self, ty: TypeId, field: usize, signed: bool) {
        let (offset, storage) = self.env.layout.objects.structure(ty).fields[field];
        let element = self.env.program.types.fields(ty)[field].element_type;
        let object = self.pop();
        let flags = self.object_access(object, Trap::NullStructure);
        let value = self.load_storage(storage, signed, flags, object, offset);
        if let StorageType::Val(ty) = element {
            self.track_canonical(value, ty);
        }
        self.stack.push(value);
    }

    fn struct_set(&mut self, ty: TypeId, field: usize) {
        let (offset, storage) = self.env.layout.objects.structure(ty).fields[field];
        let [object, value] = self.pop_n();
        let flags = self.object_access(object, Trap::NullStructure);
        self.store_storage(storage, value, flags, object, offset);
        if storage == Storage::Reference {
            self.mark_card(object);
        }
    }
}
