//! Fields, elements and values of exceptions: loads and stores of each kind of storage.

use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::ValType;

use super::super::environment::{trap_code, trusted, value_type};
use super::super::translator::{Region, Translator};
use crate::layout::Storage;

impl Translator<'_, '_, '_> {
    /// Flags of the first access to an object, which faults if the reference is null: nothing is mapped where a field
    /// of it would be.
    pub(super) fn object_access(&mut self, object: Value, null: Trap) -> MemFlagsData {
        let flags = match self.may_be_null(object) {
            true => MemFlagsData::new().with_aligned().with_trap_code(Some(trap_code(null))),
            false => trusted(),
        };
        self.in_region(flags, Region::Objects)
    }

    /// Flags of an access to what is known to be an object.
    pub(super) fn element_access(&mut self) -> MemFlagsData {
        self.in_region(trusted(), Region::Objects)
    }

    /// Loads a value. `signed`: how a packed value is extended.
    pub fn load_storage(
        &mut self,
        storage: Storage,
        signed: bool,
        flags: MemFlagsData,
        address: Value,
        offset: i32,
    ) -> Value {
        let flags = storage_flags(storage, flags);
        let ins = self.builder.ins();
        match (storage, signed) {
            (Storage::I8, false) => ins.uload8(types::I32, flags, address, offset),
            (Storage::I8, true) => ins.sload8(types::I32, flags, address, offset),
            (Storage::I16, false) => ins.uload16(types::I32, flags, address, offset),
            (Storage::I16, true) => ins.sload16(types::I32, flags, address, offset),
            (Storage::Number(ty), _) => ins.load(value_type(ty), flags, address, offset),
            (Storage::Reference, _) => ins.uload32(flags, address, offset),
            (Storage::Address, _) => ins.load(types::I64, flags, address, offset),
        }
    }

    pub fn store_storage(
        &mut self,
        storage: Storage,
        value: Value,
        flags: MemFlagsData,
        address: Value,
        offset: i32,
    ) {
        let flags = storage_flags(storage, flags);
        let ins = self.builder.ins();
        match storage {
            Storage::I8 => ins.istore8(flags, value, address, offset),
            Storage::I16 => ins.istore16(flags, value, address, offset),
            Storage::Reference => ins.istore32(flags, value, address, offset),
            Storage::Number(_) | Storage::Address => ins.store(flags, value, address, offset),
        };
    }

    /// The default value of fields.
    pub(super) fn zero(&mut self, storage: Storage) -> Value {
        match storage {
            Storage::I8 | Storage::I16 | Storage::Number(ValType::I32) => {
                self.builder.ins().iconst(types::I32, 0)
            }
            Storage::Number(ValType::F32) => self.builder.ins().f32const(0.0),
            Storage::Number(ValType::F64) => self.builder.ins().f64const(0.0),
            Storage::Number(ValType::V128) => self.vector_constant([0; 16], types::I8X16),
            _ => self.builder.ins().iconst(types::I64, 0),
        }
    }
}

/// Vectors are only aligned like 64-bit values, and are in little-endian order everywhere.
fn storage_flags(storage: Storage, flags: MemFlagsData) -> MemFlagsData {
    if storage != Storage::Number(ValType::V128) {
        return flags;
    }
    let plain = match flags.trap_code() {
        Some(code) => MemFlagsData::new().with_trap_code(Some(code)),
        None => MemFlagsData::new().with_notrap(),
    };
    plain.with_endianness(Endianness::Little).with_alias_region(flags.alias_region())
}
