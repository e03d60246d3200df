//! Tables as values: get, set, size, grow, fill, copy, init. Only tables with the layout `References` are
//! read or written this way; the others can only be asked for their size.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};
use wasm_aot_abi::builtin::Builtin;
use wasm_aot_abi::layout::Table;
use wasm_aot_abi::trap::Trap;
use wasmparser::ValType;

use super::environment::trusted;
use super::operator::operators;
use super::translator::{Region, Translator};
use crate::layout::{Symbol, TableLayout};
use crate::parse::{ElementIndex, TableIndex};
use crate::program::{TableId, Value as Constant};

/// Size of an element in bytes.
const ELEMENT_SHIFT: i64 = 3;

operators! { |t|
    TableGet { table } => {
        let index = t.pop();
        let address = t.element_address(t.table(table), index);
        let flags = t.in_region(trusted(), Region::Tables);
        let value = t.builder.ins().load(types::I64, flags, address, 0);
        let ty = t.env.program.tables[t.table(table)].ty.element_type;
        t.track_canonical(value, ValType::Ref(ty));
        t.stack.push(value);
    },
    TableSet { table } => {
        let [index, value] = t.pop_n();
        let address = t.element_address(t.table(table), index);
        let flags = t.in_region(trusted(), Region::Tables);
        t.builder.ins().store(flags, value, address, 0);
    },
    TableSize { table } => {
        let table = t.table(table);
        let size = t.table_size(table);
        let size = t.reduce_index(size, t.env.program.tables[table].ty.table64);
        t.stack.push(size);
    },
    TableGrow { table } => {
        let [init, delta] = t.pop_n();
        let table = t.table(table);
        let delta = t.extend_index(delta);
        let descriptor = t.symbol(Symbol::Table(table));
        let previous = t.call_builtin(Builtin::TableGrow, &[descriptor, delta, init]);
        let plan = &t.env.program.tables[table];
        if let Some(limits) = plan.limits().filter(|_| !t.env.options.soft_limits) {
            let size = t.table_size(table);
            t.trap_beyond_limit(previous, size, delta, limits, Trap::TableLimit);
        }
        let previous = t.reduce_index(previous, plan.ty.table64);
        t.stack.push(previous);
    },
    TableFill { table } => {
        let [start, value, length] = t.pop_n();
        let (address, length) = t.check_elements(t.table(table), start, length);
        t.call_builtin(Builtin::TableFill, &[address, value, length]);
    },
    TableCopy { dst_table, src_table } => {
        let [target, source, length] = t.pop_n();
        let (target, _) = t.check_elements(t.table(dst_table), target, length);
        let (source, length) = t.check_elements(t.table(src_table), source, length);
        let bytes = t.builder.ins().ishl_imm_u(length, ELEMENT_SHIFT);
        t.call_builtin(Builtin::Memmove, &[target, source, bytes]);
    },
    TableInit { elem_index, table } => {
        let operands = t.pop_n();
        let elements = ElementIndex::from_u32(elem_index);
        let limit = match t.env.layout.segments.element_length(t.instance_id, elements) {
            None => t.builder.ins().iconst(types::I64, 0),
            Some(offset) => t.segment_length(offset),
        };
        t.table_init(t.table(table), elements, operands, limit);
    },
    ElemDrop { elem_index } => {
        let elements = ElementIndex::from_u32(elem_index);
        if let Some(offset) = t.env.layout.segments.element_length(t.instance_id, elements) {
            t.drop_segment(offset);
            t.forget_elements(elements);
        }
    },
}

impl Translator<'_, '_, '_> {
    pub fn table(&self, index: u32) -> TableId {
        self.instance.tables[TableIndex::from_u32(index)]
    }

    /// Copies elements of a segment of `limit` elements; the operands are target, source, length.
    pub fn table_init(&mut self, table: TableId, elements: ElementIndex, operands: [Value; 3], limit: Value) {
        let [target, source, length] = operands;
        let (source, _) = self.check_range(source, length, limit, Trap::TableOutOfBounds);
        let (target, length) = self.check_elements(table, target, length);
        let values = self.symbol(Symbol::Elements(self.instance_id, elements));
        let source = self.builder.ins().ishl_imm_u(source, ELEMENT_SHIFT);
        let source = self.builder.ins().iadd(values, source);
        let bytes = self.builder.ins().ishl_imm_u(length, ELEMENT_SHIFT);
        self.call_builtin(Builtin::Memmove, &[target, source, bytes]);
    }

    /// The elements of a segment that has been dropped are no longer roots of the collector.
    pub fn forget_elements(&mut self, elements: ElementIndex) {
        if !self.env.facts.uses_gc() || !self.env.layout.segments.has_late_values(self.instance_id, elements)
        {
            return;
        }
        let bytes = self.instance.module.elements[elements].items.len() << ELEMENT_SHIFT;
        let start = self.symbol(Symbol::Elements(self.instance_id, elements));
        let zero = self.builder.ins().iconst(types::I32, 0);
        let bytes = self.builder.ins().iconst(types::I64, bytes as i64);
        self.call_builtin(Builtin::Memset, &[start, zero, bytes]);
    }

    /// Puts the initial elements into a sparse table, which is zeroes: nulls.
    pub fn fill_sparse_table(&mut self, table: TableId) {
        /// Size of an index and a reference in bytes.
        const PAIR: i64 = 16;
        let plan = &self.env.program.tables[table];
        let zero = self.builder.ins().iconst(types::I64, 0);
        let start = self.unchecked_element(table, zero);
        if plan.fill != Constant::Null {
            let fill = self.constant_value(plan.fill);
            let size = self.builder.ins().iconst(types::I64, plan.size() as i64);
            self.call_builtin(Builtin::TableFill, &[start, fill, size]);
        }
        let count = plan.sparse().map_or(0, |elements| elements.len());
        if count == 0 {
            return;
        }
        let pairs = self.symbol(Symbol::SparseElements(table));
        let end = self.builder.ins().iadd_imm_s(pairs, count as i64 * PAIR);
        let (next, done) = (self.builder.create_block(), self.builder.create_block());
        let pair = self.builder.append_block_param(next, types::I64);
        self.builder.ins().jump(next, &[BlockArg::Value(pairs)]);
        self.builder.switch_to_block(next);
        let index = self.builder.ins().load(types::I64, trusted(), pair, 0);
        let value = self.builder.ins().load(types::I64, trusted(), pair, 8);
        let offset = self.builder.ins().ishl_imm_u(index, ELEMENT_SHIFT);
        let address = self.builder.ins().iadd(start, offset);
        let flags = self.in_region(trusted(), Region::Tables);
        self.builder.ins().store(flags, value, address, 0);
        let following = self.builder.ins().iadd_imm_s(pair, PAIR);
        let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, following, end);
        self.builder.ins().brif(more, next, &[BlockArg::Value(following)], done, &[]);
        self.builder.seal_block(next);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
    }

    /// The current number of elements, 64 bits.
    pub fn table_size(&mut self, table: TableId) -> Value {
        let plan = &self.env.program.tables[table];
        if self.env.layout.table(table) != TableLayout::References {
            return self.builder.ins().iconst(types::I64, plan.size() as i64);
        }
        let descriptor = self.symbol(Symbol::Table(table));
        let flags = self.in_region(trusted(), Region::Tables);
        self.builder.ins().load(types::I64, flags, descriptor, Table::SIZE)
    }

    /// Address of the element at a 64-bit `index`, without a check.
    pub fn unchecked_element(&mut self, table: TableId, index: Value) -> Value {
        let descriptor = self.symbol(Symbol::Table(table));
        let flags = self.in_region(trusted(), Region::Tables);
        let elements = self.builder.ins().load(types::I64, flags, descriptor, Table::ELEMENTS);
        let offset = self.builder.ins().ishl_imm_u(index, ELEMENT_SHIFT);
        self.builder.ins().iadd(elements, offset)
    }

    /// Traps with `trap` unless the table has an element at this index; returns it with 64 bits.
    pub fn check_element(&mut self, table: TableId, index: Value, trap: Trap) -> Value {
        let index = self.extend_index(index);
        let size = self.table_size(table);
        self.trap_if(IntCC::UnsignedGreaterThanOrEqual, index, size, trap);
        index
    }

    /// Address of the element at an index, checked.
    fn element_address(&mut self, table: TableId, index: Value) -> Value {
        let index = self.check_element(table, index, Trap::TableOutOfBounds);
        self.unchecked_element(table, index)
    }

    /// Address and 64-bit length of a range of elements, checked.
    fn check_elements(&mut self, table: TableId, start: Value, length: Value) -> (Value, Value) {
        let size = self.table_size(table);
        let (start, length) = self.check_range(start, length, size, Trap::TableOutOfBounds);
        (self.unchecked_element(table, start), length)
    }
}
