//! Closed-world analysis: from what the program runs, finds every function that can be called,
//! everything that is written, and every function whose reference can be seen.
//!
//! An element of a table is reachable only if some reachable `call_indirect` uses its signature, or
//! if elements of the table are taken as values.

use std::collections::HashMap;

use super::initialise::element_values;
use super::*;
use crate::parse::{ConstExpr, ConstOp};

struct Analysis<'p, 'a> {
    program: &'p mut Program<'a>,
    pending: Vec<FuncId>,
    /// The functions among the elements of tables, by the numbers of their signatures.
    elements: HashMap<TableId, Vec<(u32, FuncId)>>,
}

pub fn analyse(program: &mut Program<'_>) {
    let mut analysis = Analysis { program, pending: Vec::new(), elements: HashMap::new() };
    analysis.roots();
    while let Some(func) = analysis.pending.pop() {
        analysis.visit(func);
    }
    analysis.reference_elements();
    super::table::choose_layouts(program);
    if program.collects {
        super::memory::leave_heap(program);
    }
    choose_conventions(program);
}

impl<'a> Analysis<'_, 'a> {
    fn reach(&mut self, func: FuncId) {
        if self.program.reachable.insert(func) {
            self.pending.push(func);
        }
    }

    /// A reference to the function is a value somewhere.
    fn refer(&mut self, func: FuncId) {
        self.program.referenced.insert(func);
        self.reach(func);
    }

    fn refer_value(&mut self, value: Value) {
        if let Value::Func(func) = value {
            self.refer(func);
        }
    }

    fn roots(&mut self) {
        let (mut instances, mut funcs, mut values) = (Vec::new(), Vec::new(), Vec::new());
        match &self.program.entry {
            Entry::None => {}
            Entry::Command(instance, calls) => {
                instances.push(*instance);
                for call in calls {
                    funcs.push(call.func);
                    values.extend_from_slice(&call.arguments);
                }
            }
            Entry::Script(commands) => {
                for command in commands {
                    match command {
                        Command::Instantiate(instance) => instances.push(*instance),
                        Command::Call(func, arguments) => {
                            funcs.push(*func);
                            values.extend_from_slice(arguments);
                        }
                        Command::GetGlobal(_) => {}
                    }
                }
            }
        }
        funcs.extend(self.program.thread_start.map(|(_, func)| func));
        values.extend(self.program.globals.values().map(|global| global.init));
        values.into_iter().for_each(|value| self.refer_value(value));
        funcs.into_iter().for_each(|func| self.reach(func));
        for instance in instances {
            for step in self.program.instances[instance].init.clone() {
                match step {
                    InitStep::Start(func) => self.reach(func),
                    InitStep::Data { .. } | InitStep::SparseTable(_) => {}
                    InitStep::Global(index) => {
                        let global = self.program.instances[instance].globals[index];
                        self.program.globals[global].written = true;
                        let module = self.module(instance);
                        self.evaluate_late(instance, module.globals[index].init.as_ref());
                    }
                    InitStep::Table(index) => {
                        let table = self.program.instances[instance].tables[index];
                        self.program.tables[table].written = true;
                        let module = self.module(instance);
                        self.evaluate_late(instance, module.tables[index].init.as_ref());
                    }
                    InitStep::Values(segment) => {
                        let module = self.module(instance);
                        self.evaluate_late(instance, &module.elements[segment].items);
                    }
                    InitStep::Elements { segment, table, .. } => {
                        self.program.tables[table].written = true;
                        self.refer_segment(instance, segment);
                    }
                }
            }
        }
    }

    fn module(&self, instance: InstanceId) -> &'a Module<'a> {
        self.program.instances[instance].module
    }

    /// Constant expressions that are evaluated when the instance is instantiated.
    fn evaluate_late<'e>(&mut self, instance: InstanceId, exprs: impl IntoIterator<Item = &'e ConstExpr>) {
        for op in exprs.into_iter().flat_map(|expr| &expr.0) {
            match op {
                ConstOp::RefFunc(func) => self.refer(self.program.instances[instance].funcs[*func]),
                ConstOp::Allocate(_) => self.program.collects = true,
                _ => {}
            }
        }
    }

    fn refer_segment(&mut self, instance: InstanceId, segment: ElementIndex) {
        let instance = &self.program.instances[instance];
        let items = &instance.module.elements[segment].items;
        let values = element_values(self.program, instance, items);
        values.into_iter().for_each(|value| self.refer_value(value));
    }

    fn visit(&mut self, func: FuncId) {
        let FuncKind::Wasm(id, defined) = self.program.funcs[func].kind else { return };
        let module = self.program.instances[id].module;
        let summary = &module.defined[defined].summary;
        self.program.collects |= summary.allocates;
        for callee in &summary.calls {
            self.reach(self.program.instances[id].funcs[*callee]);
        }
        for func in &summary.references {
            self.refer(self.program.instances[id].funcs[*func]);
        }
        for segment in &summary.elements_used {
            self.refer_segment(id, *segment);
        }
        for global in &summary.globals_written {
            let global = self.program.instances[id].globals[*global];
            self.program.globals[global].written = true;
        }
        for memory in &summary.memories_grown {
            let memory = self.program.instances[id].memories[*memory];
            self.program.memories[memory].grows = true;
        }
        for table in &summary.tables_written {
            let table = self.program.instances[id].tables[*table];
            self.program.tables[table].written = true;
        }
        for table in &summary.tables_read {
            let table = self.program.instances[id].tables[*table];
            if !std::mem::replace(&mut self.program.tables[table].read, true) {
                let funcs: Vec<FuncId> = self.program.tables[table].functions().collect();
                funcs.into_iter().for_each(|func| self.refer(func));
            }
        }
        for (table, ty) in &summary.indirect_calls {
            let instance = &self.program.instances[id];
            let (table, signature) = (instance.tables[*table], instance.types[*ty]);
            if self.program.tables[table].called.insert(signature) {
                let matching = self.elements_of_type(table, signature);
                matching.into_iter().for_each(|func| self.reach(func));
            }
        }
    }

    /// The functions among the elements of a table that have this type, or a subtype of it.
    fn elements_of_type(&mut self, table: TableId, signature: TypeId) -> Vec<FuncId> {
        let program = &self.program;
        let number = |func: FuncId| program.types.range(program.funcs[func].signature).start;
        let elements = self.elements.entry(table).or_insert_with(|| {
            let functions = program.tables[table].functions();
            let mut elements: Vec<_> = functions.map(|func| (number(func), func)).collect();
            elements.sort_unstable();
            elements.dedup();
            elements
        });
        // The numbers of a type and its subtypes are a range.
        let range = program.types.range(signature);
        let place = |bound: u32| elements.partition_point(|(number, _)| *number < bound);
        elements[place(range.start)..place(range.end)].iter().map(|(_, func)| *func).collect()
    }

    /// Initial elements of tables that hold references need a `FuncRef`, reachable or not.
    fn reference_elements(&mut self) {
        for plan in self.program.tables.values() {
            if plan.holds_references() {
                for func in plan.functions() {
                    self.program.referenced.insert(func);
                }
            }
        }
    }
}

/// Chooses the functions that have the calling convention of tail calls: those that call last or are called
/// last; and, as one convention must do for all functions behind a reference, every referenced function that
/// has the signature of one of these, or one with the same root. All others keep the platform's convention.
fn choose_conventions(program: &mut Program<'_>) {
    let (mut tail, mut indirect) = (EntitySet::<FuncId>::new(), EntitySet::<TypeId>::new());
    for func in program.reachable.iter() {
        let Some((instance, index)) = program.wasm(func) else { continue };
        let summary = &instance.module.defined[index].summary;
        if summary.has_tail_call() {
            tail.insert(func);
        }
        let callees = summary.tail_calls.iter().map(|callee| instance.funcs[*callee]);
        tail.extend(callees.filter(|callee| program.wasm(*callee).is_some()));
        let types = summary.indirect_tail_calls.iter();
        indirect.extend(types.map(|ty| program.types.root(instance.types[*ty])));
    }
    let behind_references = |program: &Program<'_>| {
        let in_tables = program.tables.values().flat_map(|plan| plan.functions());
        in_tables.chain(program.referenced.iter()).collect::<Vec<_>>()
    };
    let referenced = behind_references(program);
    let root = |func: FuncId| program.types.root(program.funcs[func].signature);
    indirect.extend(referenced.iter().filter(|func| tail.contains(**func)).map(|func| root(*func)));
    tail.extend(referenced.into_iter().filter(|func| indirect.contains(root(*func))));
    program.tail = tail;
    program.tail_signatures = indirect;
}
