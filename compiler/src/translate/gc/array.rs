//! Arrays.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, Endianness, InstBuilder, MemFlagsData, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::gc;
use wasm_aot_abi::trap::Trap;
use wasmparser::{StorageType, ValType};

use super::super::environment::trusted;
use super::super::operator::operators;
use super::super::translator::Translator;
use crate::layout::{Storage, Symbol};
use crate::parse::{DataIndex, ElementIndex};
use crate::program::TypeId;

operators! { |t|
    ArrayNew { array_type_index } => t.array_new(t.type_id(array_type_index)),
    ArrayNewDefault { array_type_index } => {
        t.array_new_default(t.type_id(array_type_index));
    },
    ArrayNewFixed { array_type_index, array_size } => {
        t.array_new_fixed(t.type_id(array_type_index), array_size);
    },
    ArrayGet { array_type_index } | ArrayGetU { array_type_index } => {
        t.array_get(t.type_id(array_type_index), false);
    },
    ArrayGetS { array_type_index } => {
        t.array_get(t.type_id(array_type_index), true);
    },
    ArraySet { array_type_index } => t.array_set(t.type_id(array_type_index)),
    ArrayLen => {
        let array = t.pop();
        let length = t.array_length(array);
        t.stack.push(length);
    },
    ArrayFill { array_type_index } => t.array_fill(t.type_id(array_type_index)),
    ArrayCopy { array_type_index_dst, .. } => {
        t.array_copy(t.type_id(array_type_index_dst));
    },
}

// Operators that take elements from a segment.
operators! { |t|
    ArrayNewData { array_type_index, array_data_index } => {
        let ty = t.type_id(array_type_index);
        let [offset, length] = t.pop_n();
        let source = t.data_range(ty, DataIndex::from_u32(array_data_index), offset, length);
        let array = t.allocate_array(ty, length);
        let start = t.builder.ins().iadd_imm_s(array, i64::from(gc::ARRAY_ELEMENTS));
        t.copy_data(t.storage(ty), start, source, length);
        t.stack.push(array);
    },
    ArrayInitData { array_type_index, array_data_index } => {
        let ty = t.type_id(array_type_index);
        let [array, index, offset, length] = t.pop_n();
        let start = t.elements(array, index, length, t.storage(ty));
        let source = t.data_range(ty, DataIndex::from_u32(array_data_index), offset, length);
        t.copy_data(t.storage(ty), start, source, length);
    },
    ArrayNewElem { array_type_index, array_elem_index } => {
        let ty = t.type_id(array_type_index);
        let [offset, length] = t.pop_n();
        let source = t.segment_range(ElementIndex::from_u32(array_elem_index), offset, length);
        let array = t.allocate_array(ty, length);
        let start = t.builder.ins().iadd_imm_s(array, i64::from(gc::ARRAY_ELEMENTS));
        t.copy_references(t.storage(ty), start, source, length);
        t.stack.push(array);
    },
    ArrayInitElem { array_type_index, array_elem_index } => {
        let storage = t.storage(t.type_id(array_type_index));
        let [array, index, offset, length] = t.pop_n();
        let start = t.elements(array, index, length, storage);
        let source = t.segment_range(ElementIndex::from_u32(array_elem_index), offset, length);
        t.copy_references(storage, start, source, length);
        t.mark_elements(array, storage);
    },
}

impl Translator<'_, '_, '_> {
    /// How the elements of an array type are stored.
    fn storage(&self, ty: TypeId) -> Storage {
        self.env.layout.objects.storage(self.env.program.types.element(ty).element_type)
    }

    /// A new array of `length` elements, 32 bits, whose contents are still to be stored.
    fn allocate_array(&mut self, ty: TypeId, length: Value) -> Value {
        let count = self.extend_index(length);
        let bytes = self.times_size(count, self.storage(ty));
        let padding = i64::from(gc::ALIGNMENT) - 1;
        let bytes = self.builder.ins().iadd_imm_s(bytes, i64::from(gc::ARRAY_ELEMENTS) + padding);
        let bytes = self.builder.ins().band_imm_s(bytes, !padding);
        let array = self.allocate(ty, bytes);
        let flags = self.element_access();
        self.builder.ins().store(flags, length, array, gc::ARRAY_LENGTH);
        array
    }

    fn times_size(&mut self, count: Value, storage: Storage) -> Value {
        self.builder.ins().ishl_imm_u(count, i64::from(storage.bytes().trailing_zeros()))
    }

    /// `array.new`.
    pub(super) fn array_new(&mut self, ty: TypeId) {
        let [value, length] = self.pop_n();
        let array = self.allocate_array(ty, length);
        let count = self.extend_index(length);
        let storage = self.storage(ty);
        match self.repeated(storage, value) {
            Some(word) => self.fill_words(array, storage, count, word),
            None => {
                let start = self.builder.ins().iadd_imm_s(array, i64::from(gc::ARRAY_ELEMENTS));
                self.fill(storage, start, count, value);
            }
        }
        self.stack.push(array);
    }

    /// `array.new_default`.
    pub(super) fn array_new_default(&mut self, ty: TypeId) {
        let length = self.pop();
        let array = self.allocate_array(ty, length);
        let count = self.extend_index(length);
        let zero = self.builder.ins().iconst(types::I64, 0);
        self.fill_words(array, self.storage(ty), count, zero);
        self.stack.push(array);
    }

    /// Fills a new array of `count` elements with a 64-bit word. In whole words, of which every object
    /// consists.
    fn fill_words(&mut self, array: Value, storage: Storage, count: Value, word: Value) {
        let start = self.builder.ins().iadd_imm_s(array, i64::from(gc::ARRAY_ELEMENTS));
        let bytes = self.times_size(count, storage);
        let bytes = self.builder.ins().iadd_imm_s(bytes, 7);
        let words = self.builder.ins().ushr_imm_u(bytes, 3);
        self.fill(Storage::Number(ValType::I64), start, words, word);
    }

    /// A 64-bit word filled with copies of a value; none if the value is larger.
    fn repeated(&mut self, storage: Storage, value: Value) -> Option<Value> {
        let plain = MemFlagsData::new();
        let (bits, ones) = match storage {
            Storage::I8 => (self.builder.ins().band_imm_u(value, 0xff), 0x0101_0101_0101_0101),
            Storage::I16 => (self.builder.ins().band_imm_u(value, 0xffff), 0x0001_0001_0001_0001),
            Storage::Number(ValType::I32) => (value, 0x1_0000_0001),
            Storage::Number(ValType::F32) => {
                (self.builder.ins().bitcast(types::I32, plain, value), 0x1_0000_0001)
            }
            Storage::Reference => (self.builder.ins().ireduce(types::I32, value), 0x1_0000_0001),
            Storage::Number(ValType::I64) | Storage::Address => return Some(value),
            Storage::Number(ValType::F64) => {
                return Some(self.builder.ins().bitcast(types::I64, plain, value));
            }
            Storage::Number(_) => return None,
        };
        let bits = self.builder.ins().uextend(types::I64, bits);
        let ones = self.builder.ins().iconst(types::I64, ones);
        Some(self.builder.ins().imul(bits, ones))
    }

    /// `array.new_fixed`.
    pub(super) fn array_new_fixed(&mut self, ty: TypeId, count: u32) {
        let values = self.stack.split_off(self.stack.len() - count as usize);
        let length = self.builder.ins().iconst(types::I32, i64::from(count));
        let array = self.allocate_array(ty, length);
        let storage = self.storage(ty);
        let flags = self.element_access();
        for (index, value) in values.into_iter().enumerate() {
            let offset = gc::ARRAY_ELEMENTS + index as i32 * storage.bytes() as i32;
            self.store_storage(storage, value, flags, array, offset);
        }
        self.stack.push(array);
    }

    fn array_length(&mut self, array: Value) -> Value {
        let flags = self.object_access(array, Trap::NullArray);
        self.builder.ins().load(types::I32, flags, array, gc::ARRAY_LENGTH)
    }

    /// Address, without the offset of the elements, of the element at an index, checked.
    fn element(&mut self, array: Value, index: Value, storage: Storage) -> Value {
        let length = self.array_length(array);
        self.trap_if(IntCC::UnsignedGreaterThanOrEqual, index, length, Trap::ArrayOutOfBounds);
        let index = self.extend_index(index);
        let offset = self.times_size(index, storage);
        self.builder.ins().iadd(array, offset)
    }

    fn array_get(&mut self, ty: TypeId, signed: bool) {
        let [array, index] = self.pop_n();
        let storage = self.storage(ty);
        let address = self.element(array, index, storage);
        let flags = self.element_access();
        let value = self.load_storage(storage, signed, flags, address, gc::ARRAY_ELEMENTS);
        if let StorageType::Val(ty) = self.env.program.types.element(ty).element_type {
            self.track_canonical(value, ty);
        }
        self.stack.push(value);
    }

    fn array_set(&mut self, ty: TypeId) {
        let [array, index, value] = self.pop_n();
        let storage = self.storage(ty);
        let address = self.element(array, index, storage);
        let flags = self.element_access();
        self.store_storage(storage, value, flags, address, gc::ARRAY_ELEMENTS);
        self.mark_elements(array, storage);
    }

    fn mark_elements(&mut self, array: Value, storage: Storage) {
        if storage == Storage::Reference {
            self.mark_card(array);
        }
    }

    /// Address of the first of a range of elements, checked.
    fn elements(&mut self, array: Value, index: Value, length: Value, storage: Storage) -> Value {
        let limit = self.array_length(array);
        let limit = self.extend_index(limit);
        let (start, _) = self.check_range(index, length, limit, Trap::ArrayOutOfBounds);
        let offset = self.times_size(start, storage);
        let address = self.builder.ins().iadd(array, offset);
        self.builder.ins().iadd_imm_s(address, i64::from(gc::ARRAY_ELEMENTS))
    }

    fn array_fill(&mut self, ty: TypeId) {
        let [array, index, value, length] = self.pop_n();
        let storage = self.storage(ty);
        let start = self.elements(array, index, length, storage);
        let count = self.extend_index(length);
        if storage == Storage::I8 {
            self.call_builtin(Builtin::Memset, &[start, value, count]);
        } else {
            self.fill(storage, start, count, value);
        }
        self.mark_elements(array, storage);
    }

    fn array_copy(&mut self, ty: TypeId) {
        let [target, target_index, source, source_index, length] = self.pop_n();
        let storage = self.storage(ty);
        let to = self.elements(target, target_index, length, storage);
        let from = self.elements(source, source_index, length, storage);
        let count = self.extend_index(length);
        let bytes = self.times_size(count, storage);
        self.call_builtin(Builtin::Memmove, &[to, from, bytes]);
        self.mark_elements(target, storage);
    }

    /// Sets `count` elements, 64 bits, to a value.
    fn fill(&mut self, storage: Storage, start: Value, count: Value, value: Value) {
        let bytes = self.times_size(count, storage);
        self.for_each(start, bytes, storage.bytes(), |translator, address| {
            let flags = translator.element_access();
            translator.store_storage(storage, value, flags, address, 0);
        });
    }

    /// A loop over the addresses from `start` up, `step` apart.
    fn for_each(&mut self, start: Value, bytes: Value, step: u32, body: impl FnOnce(&mut Self, Value)) {
        let end = self.builder.ins().iadd(start, bytes);
        let (header, inside, behind) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let address = self.builder.append_block_param(header, types::I64);
        self.builder.ins().jump(header, &[BlockArg::Value(start)]);
        self.builder.switch_to_block(header);
        let over = self.builder.ins().icmp(IntCC::Equal, address, end);
        self.builder.ins().brif(over, behind, &[], inside, &[]);
        self.builder.seal_block(inside);
        self.builder.seal_block(behind);
        self.builder.switch_to_block(inside);
        body(self, address);
        let next = self.builder.ins().iadd_imm_s(address, i64::from(step));
        self.builder.ins().jump(header, &[BlockArg::Value(next)]);
        self.builder.seal_block(header);
        self.builder.switch_to_block(behind);
    }

    /// Address of `length` elements at an offset in a data segment, checked.
    fn data_range(&mut self, ty: TypeId, data: DataIndex, offset: Value, length: Value) -> Value {
        let limit = match self.env.layout.segments.data_length(self.instance_id, data) {
            None => self.builder.ins().iconst(types::I64, 0),
            Some(offset) => self.segment_length(offset),
        };
        let count = self.extend_index(length);
        let bytes = self.times_size(count, self.storage(ty));
        let (offset, _) = self.check_range(offset, bytes, limit, Trap::MemoryOutOfBounds);
        let start = self.symbol(Symbol::Data(self.instance_id, data));
        self.builder.ins().iadd(start, offset)
    }

    /// Copies elements out of a data segment, where they are in little-endian order.
    fn copy_data(&mut self, storage: Storage, target: Value, source: Value, length: Value) {
        let count = self.extend_index(length);
        let bytes = self.times_size(count, storage);
        if self.isa.endianness() == Endianness::Little || storage.bytes() == 1 {
            self.call_builtin(Builtin::Memmove, &[target, source, bytes]);
            return;
        }
        let distance = self.builder.ins().isub(source, target);
        self.for_each(target, bytes, storage.bytes(), |translator, address| {
            let from = translator.builder.ins().iadd(address, distance);
            let little = MemFlagsData::new().with_notrap().with_endianness(Endianness::Little);
            let value = translator.load_storage(storage, false, little, from, 0);
            let flags = translator.element_access();
            translator.store_storage(storage, value, flags, address, 0);
        });
    }

    /// Address of `length` references at an offset in an element segment, checked.
    fn segment_range(&mut self, elements: ElementIndex, offset: Value, length: Value) -> Value {
        let limit = match self.env.layout.segments.element_length(self.instance_id, elements) {
            None => self.builder.ins().iconst(types::I64, 0),
            Some(offset) => self.segment_length(offset),
        };
        let (offset, _) = self.check_range(offset, length, limit, Trap::TableOutOfBounds);
        let offset = self.builder.ins().ishl_imm_u(offset, 3);
        let start = self.symbol(Symbol::Elements(self.instance_id, elements));
        self.builder.ins().iadd(start, offset)
    }

    /// Copies references out of an element segment, where they are words.
    fn copy_references(&mut self, storage: Storage, target: Value, source: Value, length: Value) {
        let count = self.extend_index(length);
        let bytes = self.builder.ins().ishl_imm_u(count, 3);
        let shift = i64::from(3 - storage.bytes().trailing_zeros());
        self.for_each(source, bytes, 8, |translator, from| {
            let value = translator.builder.ins().load(types::I64, trusted(), from, 0);
            let offset = translator.builder.ins().isub(from, source);
            let offset = translator.builder.ins().ushr_imm_u(offset, shift);
            let to = translator.builder.ins().iadd(target, offset);
            let flags = translator.element_access();
            translator.store_storage(storage, value, flags, to, 0);
        });
    }
}
