//! Constant expressions that allocate objects: they are evaluated when the instance is instantiated.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasm_aot_abi::builtin::Builtin;

use super::super::environment::trusted;
use super::super::translator::Translator;
use crate::layout::Symbol;
use crate::parse::{Allocation, ConstExpr, ConstOp, ElementIndex, GlobalIndex, TableIndex};
use crate::program;

impl Translator<'_, '_, '_> {
    /// Sets a global to its initial value.
    pub fn initialise_global(&mut self, index: GlobalIndex) {
        let init =
            self.instance.module.globals[index].init.as_ref().expect("only defined globals have a step");
        let value = self.constant_expression(init);
        self.global_set(self.instance.globals[index], value);
    }

    /// Sets all elements of a table to the initial value.
    pub fn initialise_table(&mut self, index: TableIndex) {
        let init = self.instance.module.tables[index]
            .init
            .as_ref()
            .expect("only tables with an initial value have a step");
        let value = self.constant_expression(init);
        let table = self.instance.tables[index];
        let zero = self.builder.ins().iconst(types::I64, 0);
        let size = self.table_size(table);
        let start = self.unchecked_element(table, zero);
        self.call_builtin(Builtin::TableFill, &[start, value, size]);
    }

    /// Evaluates the values of an element segment.
    pub fn initialise_values(&mut self, index: ElementIndex) {
        for (place, item) in self.instance.module.elements[index].items.iter().enumerate() {
            let value = self.constant_expression(item);
            let elements = self.symbol(Symbol::Elements(self.instance_id, index));
            self.builder.ins().store(trusted(), value, elements, place as i32 * 8);
        }
    }

    fn constant_expression(&mut self, expr: &ConstExpr) -> Value {
        for op in &expr.0 {
            self.constant_operator(*op);
        }
        self.pop()
    }

    fn constant_operator(&mut self, op: ConstOp) {
        use program::Value as Constant;
        let constant = match op {
            ConstOp::I32(value) => Constant::I32(value),
            ConstOp::I64(value) => Constant::I64(value),
            ConstOp::F32(bits) => Constant::F32(bits),
            ConstOp::F64(bits) => Constant::F64(bits),
            ConstOp::V128(bytes) => Constant::V128(bytes),
            ConstOp::RefNull => Constant::Null,
            ConstOp::RefFunc(func) => Constant::Func(self.instance.funcs[func]),
            ConstOp::GlobalGet(global) => {
                let value = self.global_get(self.instance.globals[global]);
                return self.stack.push(value);
            }
            _ => return self.computing_operator(op),
        };
        let value = self.constant_value(constant);
        self.stack.push(value);
    }

    fn computing_operator(&mut self, op: ConstOp) {
        if let ConstOp::Allocate(allocation) = op {
            return self.allocation(allocation);
        }
        if op == ConstOp::Convert {
            return;
        }
        let right = self.pop();
        if op == ConstOp::RefI31 {
            let reference = self.i31(right);
            return self.stack.push(reference);
        }
        let left = self.pop();
        let value = match op {
            ConstOp::I32Add | ConstOp::I64Add => self.builder.ins().iadd(left, right),
            ConstOp::I32Sub | ConstOp::I64Sub => self.builder.ins().isub(left, right),
            _ => self.builder.ins().imul(left, right),
        };
        self.stack.push(value);
    }

    fn allocation(&mut self, allocation: Allocation) {
        let types = &self.instance.types;
        match allocation {
            Allocation::Struct(ty) => self.struct_new(types[ty]),
            Allocation::StructDefault(ty) => self.struct_new_default(types[ty]),
            Allocation::Array(ty) => self.array_new(types[ty]),
            Allocation::ArrayDefault(ty) => self.array_new_default(types[ty]),
            Allocation::ArrayFixed(ty, count) => self.array_new_fixed(types[ty], count),
        }
    }
}
