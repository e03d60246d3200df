//! Reachability in a closed world: from what the program runs, finds every function that can be called, everything that
//! is written, and every function whose reference can be seen.
//!
//! An element of a table is reachable only if some reachable `call_indirect` uses its signature, or
//! if elements of the table are taken as values.

use std::collections::{BTreeSet, HashMap};

use cranelift_entity::{EntitySet, SecondaryMap};

use crate::parse::{ConstExpr, ConstOp, ElementIndex, Module, Summary};
use crate::program::{
    Access, Command, ComponentId, Constant, FuncId, FuncKind, GlobalId, InitStep, InstanceId, Main, MemoryId,
    PostReturn, Program, ResourceId, Results, TableId, TablePlan, TaskCalls, TypeId, Value, element_values,
};

/// The summary of a Wasm function's body; none for other functions.
pub type Summaries<'s> = dyn Fn(FuncId) -> Option<&'s Summary> + 's;

/// What a direct call of a function calls.
pub type Called<'c> = dyn Fn(FuncId) -> FuncId + 'c;

/// The result.
#[derive(Default)]
pub struct Reach {
    pub reachable: EntitySet<FuncId>,
    /// Functions that something else may lead to than direct calls in functions of modules.
    pub rooted: EntitySet<FuncId>,
    pub referenced: EntitySet<FuncId>,
    /// Functions that the runtime calls.
    pub entered: EntitySet<FuncId>,
    /// Functions that the runtime calls with their parameters and results in memory.
    pub spilled: EntitySet<FuncId>,
    pub globals: SecondaryMap<GlobalId, GlobalFacts>,
    pub tables: SecondaryMap<TableId, TableFacts>,
    pub memories: SecondaryMap<MemoryId, MemoryFacts>,
    pub uses_gc: bool,
}

/// How reachable code uses a global.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalFacts {
    /// Whether it is set, or its initial value isn't known at compile time.
    pub written: bool,
}

impl GlobalFacts {
    /// Whether it always has its initial value.
    pub fn is_constant(self) -> bool {
        !self.written
    }
}

/// How reachable code uses a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// The signatures with which it calls through the table.
    pub called: BTreeSet<TypeId>,
    /// Whether it reads elements as values.
    pub read: bool,
    /// Whether it changes elements or the size.
    pub written: bool,
}

impl TableFacts {
    /// Whether anything sees elements of the table.
    pub fn is_used(&self) -> bool {
        !self.called.is_empty() || self.read || self.written
    }

    /// Whether the elements are seen as references, by the program or by what fills the table.
    pub fn holds_references(&self, plan: &TablePlan) -> bool {
        self.read || self.written || plan.sparse().is_some()
    }
}

/// How reachable code uses a memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryFacts {
    /// Whether it may grow the memory.
    pub grows: bool,
}

impl Reach {
    pub fn of(program: &Program<'_>, summaries: &Summaries<'_>, called: &Called<'_>) -> Reach {
        let mut search = Search {
            program,
            called,
            found: Reach::default(),
            pending: Vec::new(),
            elements: HashMap::new(),
        };
        search.roots();
        while let Some(func) = search.pending.pop() {
            match summaries(func) {
                Some(summary) => search.visit(func, summary),
                None => search.visit_bound(func),
            }
        }
        search.reference_elements();
        search.found
    }
}

struct Search<'p, 'a> {
    program: &'p Program<'a>,
    called: &'p Called<'p>,
    found: Reach,
    pending: Vec<FuncId>,
    /// The functions among the elements of tables, by the numbers of their signatures.
    elements: HashMap<TableId, Vec<(u32, FuncId)>>,
}

impl<'a> Search<'_, 'a> {
    fn reach(&mut self, func: FuncId) {
        self.found.rooted.insert(func);
        self.reach_directly(func);
    }

    fn reach_directly(&mut self, func: FuncId) {
        if self.found.reachable.insert(func) {
            self.pending.push(func);
        }
    }

    /// Notes that a reference to the function is a value somewhere.
    fn refer(&mut self, func: FuncId) {
        self.found.referenced.insert(func);
        self.reach(func);
    }

    fn refer_value(&mut self, value: Value) {
        if let Value::Func(func) = value {
            self.refer(func);
        }
    }

    fn roots(&mut self) {
        let (mut instances, mut funcs, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut post_returns = Vec::new();
        match &self.program.main {
            Main::None => {}
            Main::Command(all, calls) => {
                instances.extend_from_slice(all);
                for call in calls {
                    funcs.push(call.func);
                    post_returns.extend(call.post_return);
                    if let Results::Awaited(wait) = call.results {
                        funcs.push(wait);
                    }
                    values.extend_from_slice(&call.arguments);
                }
            }
            Main::Script(commands) => {
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
            Main::Library(library) => {
                instances.extend_from_slice(&library.instances);
                funcs.extend_from_slice(&library.initialize);
                for function in &library.functions {
                    match function.does {
                        Access::Call(func) => funcs.push(func),
                        Access::GlobalSet(global) => self.found.globals[global].written = true,
                        _ => {}
                    }
                }
            }
        }
        if let Some(invocation) = &self.program.invocation {
            funcs.extend([invocation.func, invocation.lower]);
            funcs.extend(invocation.print);
            post_returns.extend(invocation.post_return);
            funcs.extend(invocation.task.into_iter().flat_map(TaskCalls::functions));
        }
        funcs.extend(self.program.thread_start.map(|(_, func)| func));
        values.extend(self.program.globals.values().map(|global| global.init));
        for PostReturn { func, instance } in post_returns {
            funcs.push(func);
            self.use_component(instance);
        }
        values.into_iter().for_each(|value| self.refer_value(value));
        funcs.into_iter().for_each(|func| self.reach(func));
        instances.into_iter().for_each(|instance| self.instantiate(instance));
    }

    /// Visits what is left to be done when the instance is instantiated.
    fn instantiate(&mut self, id: InstanceId) {
        let program = self.program;
        let instance = &program.instances[id];
        let module = self.module(id);
        for step in &instance.init {
            match *step {
                InitStep::Start(func) => self.reach(func),
                InitStep::Data { .. } | InitStep::SparseTable(_) => {}
                InitStep::Global(index) => {
                    self.found.globals[instance.globals[index]].written = true;
                    self.evaluate_late(id, module.globals[index].init.as_ref());
                }
                InitStep::Table(index) => {
                    self.found.tables[instance.tables[index]].written = true;
                    self.evaluate_late(id, module.tables[index].init.as_ref());
                }
                InitStep::Values(segment) => self.evaluate_late(id, &module.elements[segment].items),
                InitStep::Elements { segment, table, .. } => {
                    self.found.tables[table].written = true;
                    self.refer_segment(id, segment);
                }
            }
        }
    }

    fn module(&self, instance: InstanceId) -> &'a Module<'a> {
        self.program.instances[instance].module
    }

    /// Visits constant expressions that are evaluated when the instance is instantiated.
    fn evaluate_late<'e>(&mut self, instance: InstanceId, exprs: impl IntoIterator<Item = &'e ConstExpr>) {
        for op in exprs.into_iter().flat_map(|expr| &expr.0) {
            match op {
                ConstOp::RefFunc(func) => self.refer(self.program.instances[instance].funcs[*func]),
                ConstOp::Allocate(_) => self.found.uses_gc = true,
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

    /// Visits what a function of the runtime may call and change.
    fn visit_bound(&mut self, func: FuncId) {
        let program = self.program;
        let parts = &program.canonical;
        for constant in program.bound(func).into_iter().flat_map(|bound| &bound.constants) {
            match *constant {
                Constant::Options(options) => self.use_component(parts.options[options].instance),
                Constant::Instance(instance) => self.use_component(instance),
                Constant::Instances => parts.components.keys().for_each(|instance| self.use_tasks(instance)),
                Constant::Tasks(instance) => self.use_tasks(instance),
                Constant::Lift(lift) => self.use_tasks(parts.lifts[lift].instance),
                Constant::Resource(resource) => self.use_resource(resource),
                Constant::Tables => {
                    for table in parts.tables.iter().flatten() {
                        self.use_component(table.instance);
                        self.use_resource(table.resource);
                    }
                }
                Constant::Callee(callee) => {
                    if let Some(func) = parts.callees[callee].post_return {
                        self.spill(func);
                    }
                }
                Constant::EndTables { is_future } => {
                    for table in &parts.end_tables[usize::from(is_future)] {
                        self.use_component(table.instance);
                    }
                }
                Constant::Memory(_) | Constant::Ends(_) => {}
            }
            parts.called(*constant).for_each(|func| self.enter(func));
        }
    }

    fn use_resource(&mut self, resource: ResourceId) {
        let resource = &self.program.canonical.resources[resource];
        if let Some(instance) = resource.instance {
            self.use_component(instance);
        }
        if let Some(destructor) = resource.destructor {
            self.enter(destructor);
        }
    }

    /// Notes that the runtime, or what calls `post-return`, changes the flag of the instance.
    fn use_component(&mut self, instance: ComponentId) {
        self.found.globals[self.program.canonical.components[instance].may_leave].written = true;
    }

    /// Notes that the runtime changes what the tasks of the instance share.
    fn use_tasks(&mut self, instance: ComponentId) {
        self.use_component(instance);
        if let Some(may_block) = self.program.canonical.may_block {
            self.found.globals[may_block].written = true;
        }
    }

    /// Notes that the runtime calls the function.
    fn enter(&mut self, func: FuncId) {
        self.found.entered.insert(func);
        self.reach(func);
    }

    /// Notes that the runtime calls the function with its parameters in memory.
    fn spill(&mut self, func: FuncId) {
        self.found.spilled.insert(func);
        self.reach(func);
    }

    fn visit(&mut self, func: FuncId, summary: &Summary) {
        let program = self.program;
        let FuncKind::Wasm(id, _) = program.funcs[func].kind else { return };
        let instance = &program.instances[id];
        self.found.uses_gc |= summary.allocates;
        for callee in &summary.calls {
            self.reach_directly((self.called)(instance.funcs[*callee]));
        }
        let is_adapter = program.canonical.adapters.contains(&id);
        for func in &summary.references {
            match is_adapter {
                // Adapters give functions only to the runtime.
                true => self.spill(instance.funcs[*func]),
                false => self.refer(instance.funcs[*func]),
            }
        }
        for segment in &summary.elements_used {
            self.refer_segment(id, *segment);
        }
        for global in &summary.globals_written {
            self.found.globals[instance.globals[*global]].written = true;
        }
        for memory in &summary.memories_grown {
            self.found.memories[instance.memories[*memory]].grows = true;
        }
        for table in &summary.tables_written {
            self.found.tables[instance.tables[*table]].written = true;
        }
        for table in &summary.tables_read {
            let table = instance.tables[*table];
            if !std::mem::replace(&mut self.found.tables[table].read, true) {
                program.tables[table].functions().for_each(|func| self.refer(func));
            }
        }
        for (table, ty) in &summary.indirect_calls {
            let (table, signature) = (instance.tables[*table], instance.types[*ty]);
            if self.found.tables[table].called.insert(signature) {
                let matching = self.elements_of_type(table, signature);
                matching.into_iter().for_each(|func| self.reach(func));
            }
        }
    }

    /// The functions among the elements of a table that have this type, or a subtype of it.
    fn elements_of_type(&mut self, table: TableId, signature: TypeId) -> Vec<FuncId> {
        let program = self.program;
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

    /// Initial elements of tables that hold references need a `FuncRef`, reachable or not. Any table may point at code.
    fn reference_elements(&mut self) {
        for (table, plan) in &self.program.tables {
            self.found.rooted.extend(plan.functions());
            if self.found.tables[table].holds_references(plan) {
                self.found.referenced.extend(plan.functions());
            }
        }
    }
}
