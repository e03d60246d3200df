//! Validates a function body and notes in the same pass what the closed-world analysis must know about it:
//! what it calls, refers to and writes.

use std::collections::BTreeSet;

use anyhow::Result;
use wasmparser::{FuncValidator, FunctionBody, Operator, ValType, ValidatorResources, WasmFeatures};

use super::constant::Allocation;
use super::index::{DataIndex, ElementIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    Function(FuncIndex),
    /// An element of the table that has the type.
    Element(TableIndex, TypeIndex),
}

/// A call, but for tail calls through tables and calls of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSite {
    pub callee: Callee,
    /// Whether it is a tail call.
    pub is_tail: bool,
    /// Whether `unreachable` follows it: it isn't expected to return.
    pub is_last: bool,
}

/// What a function does to the world outside it.
#[derive(Default)]
pub struct Summary {
    pub calls: BTreeSet<FuncIndex>,
    /// In the order of the code.
    pub call_sites: Vec<CallSite>,
    /// Operands of `ref.func`.
    pub references: BTreeSet<FuncIndex>,
    pub indirect_calls: BTreeSet<(TableIndex, TypeIndex)>,
    /// Functions that are tail-called: `return_call`.
    pub tail_calls: BTreeSet<FuncIndex>,
    /// Types with which a function is tail-called through a table or a reference.
    pub indirect_tail_calls: BTreeSet<TypeIndex>,
    pub globals_written: BTreeSet<GlobalIndex>,
    /// Tables whose elements or size this function changes.
    pub tables_written: BTreeSet<TableIndex>,
    /// Tables whose elements this function reads as values.
    pub tables_read: BTreeSet<TableIndex>,
    pub memories_grown: BTreeSet<MemoryIndex>,
    pub elements_used: BTreeSet<ElementIndex>,
    pub data_used: BTreeSet<DataIndex>,
    /// Whether it can allocate an object.
    pub allocates: bool,
    /// The number of operators, as a measure of size; each target of a `br_table` is one, too.
    pub operators: u32,
    /// The features that the operators belong to.
    pub features: WasmFeatures,
}

pub fn validate_and_summarise(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
) -> Result<Summary> {
    let mut summary = Summary { features: WasmFeatures::empty(), ..Summary::default() };
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    if body.get_locals_reader()?.into_iter().any(|local| matches!(local, Ok((_, ValType::V128)))) {
        summary.features |= WasmFeatures::SIMD;
    }
    let mut operators = wasmparser::OperatorsReader::new(reader);
    let mut sites = Sites::default();
    while !operators.eof() {
        let (op, offset) = operators.read_with_offset()?;
        validator.op(offset, &op)?;
        summary.note(&op);
        sites.note(&op);
    }
    operators.finish()?;
    summary.call_sites = sites.found;
    summary.call_sites.shrink_to_fit();
    Ok(summary)
}

/// Collects the calls of a function.
#[derive(Default)]
struct Sites {
    found: Vec<CallSite>,
    /// Whether the operator before was a call.
    follows_call: bool,
}

impl Sites {
    fn note(&mut self, op: &Operator<'_>) {
        let follows_call = std::mem::take(&mut self.follows_call);
        let (callee, is_tail) = match *op {
            Operator::Unreachable => {
                if let Some(site) = self.found.last_mut().filter(|_| follows_call) {
                    site.is_last = true;
                }
                return;
            }
            Operator::Call { function_index } => {
                (Callee::Function(FuncIndex::from_u32(function_index)), false)
            }
            Operator::ReturnCall { function_index } => {
                (Callee::Function(FuncIndex::from_u32(function_index)), true)
            }
            Operator::CallIndirect { type_index, table_index } => {
                let table = TableIndex::from_u32(table_index);
                (Callee::Element(table, TypeIndex::from_u32(type_index)), false)
            }
            _ => return,
        };
        self.found.push(CallSite { callee, is_tail, is_last: false });
        self.follows_call = true;
    }
}

impl Summary {
    /// Whether the function has any operator of exceptions: if it hasn't, it neither throws nor catches.
    pub fn has_exceptions(&self) -> bool {
        self.features.intersects(WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS))
    }

    /// Whether the function has a `return_call` of any kind.
    pub fn has_tail_call(&self) -> bool {
        !self.tail_calls.is_empty() || !self.indirect_tail_calls.is_empty()
    }

    /// Whether the function calls no other one.
    pub fn calls_nothing(&self) -> bool {
        let references = WasmFeatures::FUNCTION_REFERENCES.union(WasmFeatures::GC);
        self.calls.is_empty() && self.indirect_calls.is_empty() && !self.features.intersects(references)
    }

    fn note(&mut self, op: &Operator<'_>) {
        let targets = if let Operator::BrTable { targets } = op { targets.len() } else { 0 };
        self.operators = self.operators.saturating_add(targets).saturating_add(1);
        self.features |= feature(op);
        match *op {
            Operator::Call { function_index } => {
                self.calls.insert(FuncIndex::from_u32(function_index));
            }
            Operator::RefFunc { function_index } => {
                self.references.insert(FuncIndex::from_u32(function_index));
            }
            Operator::CallIndirect { type_index, table_index } => {
                let table = TableIndex::from_u32(table_index);
                self.indirect_calls.insert((table, TypeIndex::from_u32(type_index)));
            }
            Operator::ReturnCall { function_index } => {
                let func = FuncIndex::from_u32(function_index);
                self.calls.insert(func);
                self.tail_calls.insert(func);
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                let (table, ty) = (TableIndex::from_u32(table_index), TypeIndex::from_u32(type_index));
                self.indirect_calls.insert((table, ty));
                self.indirect_tail_calls.insert(ty);
            }
            Operator::ReturnCallRef { type_index } => {
                self.indirect_tail_calls.insert(TypeIndex::from_u32(type_index));
            }
            Operator::GlobalSet { global_index } => {
                self.globals_written.insert(GlobalIndex::from_u32(global_index));
            }
            Operator::TableSet { table } | Operator::TableGrow { table } | Operator::TableFill { table } => {
                self.tables_written.insert(TableIndex::from_u32(table));
            }
            Operator::TableGet { table } => {
                self.tables_read.insert(TableIndex::from_u32(table));
            }
            Operator::TableCopy { dst_table, src_table } => {
                self.tables_written.insert(TableIndex::from_u32(dst_table));
                self.tables_read.insert(TableIndex::from_u32(src_table));
            }
            Operator::TableInit { elem_index, table } => {
                self.tables_written.insert(TableIndex::from_u32(table));
                self.elements_used.insert(ElementIndex::from_u32(elem_index));
            }
            Operator::ElemDrop { elem_index } => {
                self.elements_used.insert(ElementIndex::from_u32(elem_index));
            }
            Operator::MemoryInit { data_index, .. } | Operator::DataDrop { data_index } => {
                self.data_used.insert(DataIndex::from_u32(data_index));
            }
            Operator::ArrayNewData { array_data_index, .. } => {
                self.data_used.insert(DataIndex::from_u32(array_data_index));
                self.allocates = true;
            }
            Operator::ArrayInitData { array_data_index, .. } => {
                self.data_used.insert(DataIndex::from_u32(array_data_index));
            }
            Operator::ArrayNewElem { array_elem_index, .. } => {
                self.elements_used.insert(ElementIndex::from_u32(array_elem_index));
                self.allocates = true;
            }
            Operator::ArrayInitElem { array_elem_index, .. } => {
                self.elements_used.insert(ElementIndex::from_u32(array_elem_index));
            }
            Operator::MemoryGrow { mem } => {
                self.memories_grown.insert(MemoryIndex::from_u32(mem));
            }
            _ => self.allocates |= Allocation::of(op).is_some(),
        }
    }
}

/// The feature that an operator belongs to according to wasmparser; none for WebAssembly 1.0.
fn feature(op: &Operator<'_>) -> WasmFeatures {
    #[rustfmt::skip]
    macro_rules! of_proposal {
        (bulk_memory) => { WasmFeatures::BULK_MEMORY };
        (exceptions) => { WasmFeatures::EXCEPTIONS };
        (function_references) => { WasmFeatures::FUNCTION_REFERENCES };
        (gc) => { WasmFeatures::GC };
        (legacy_exceptions) => { WasmFeatures::LEGACY_EXCEPTIONS };
        (reference_types) => { WasmFeatures::REFERENCE_TYPES };
        (relaxed_simd) => { WasmFeatures::RELAXED_SIMD };
        (saturating_float_to_int) => { WasmFeatures::SATURATING_FLOAT_TO_INT };
        (sign_extension) => { WasmFeatures::SIGN_EXTENSION };
        (simd) => { WasmFeatures::SIMD };
        (tail_call) => { WasmFeatures::TAIL_CALL };
        (threads) => { WasmFeatures::THREADS };
        (wide_arithmetic) => { WasmFeatures::WIDE_ARITHMETIC };
        (mvp) => { WasmFeatures::empty() };
        // These are not translated.
        (acquire_release_atomics) => { WasmFeatures::empty() };
        (custom_descriptors) => { WasmFeatures::empty() };
        (memory_control) => { WasmFeatures::empty() };
        (shared_everything_threads) => { WasmFeatures::empty() };
        (stack_switching) => { WasmFeatures::empty() };
    }
    macro_rules! match_operator {
        ($(@$proposal:ident $op:ident $({ $($payload:tt)* })? => $visit:ident ($($ann:tt)*))*) => {
            match op {
                $(Operator::$op { .. } => of_proposal!($proposal),)*
                _ => WasmFeatures::empty(),
            }
        };
    }
    wasmparser::for_each_operator!(match_operator)
}
