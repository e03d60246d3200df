//! Adds the parts of a component that no module has to a program under construction.

use wasmparser::{FuncType, GlobalType, ValType};

use super::canonical::{
    BoundFunc, Callee, CanonicalOptions, ComponentInstance, Constant, EndTable, EndType, Lift, ResourceTable,
    ResourceType, RuntimeFunc,
};
use super::entity::{
    CalleeId, CanonicalId, ComponentId, EndsId, FuncId, GlobalId, InstanceId, LiftId, ResourceId, TypeId,
};
use super::instantiate::Builder;
use super::invocation::Invocation;
use super::model::{Func, FuncKind, GlobalPlan};
use super::value::Value;
use crate::parse::Item;

impl Builder<'_> {
    /// Adds a component instance.
    pub fn add_component(&mut self) -> ComponentId {
        let may_leave = self.add_flag(1);
        self.program.canonical.components.push(ComponentInstance { may_leave })
    }

    /// A core global that only adapters and the runtime know.
    fn add_flag(&mut self, init: i32) -> GlobalId {
        let ty = GlobalType { content_type: ValType::I32, mutable: true, shared: false };
        self.program.globals.push(GlobalPlan { ty, init: Value::I32(init) })
    }

    /// The core global that says whether the task that runs may wait. Nothing runs in a task at first.
    pub fn may_block(&mut self) -> GlobalId {
        if let Some(flag) = self.program.canonical.may_block {
            return flag;
        }
        let flag = self.add_flag(0);
        self.program.canonical.may_block = Some(flag);
        flag
    }

    /// The array of these types of streams and futures.
    pub fn ends(&mut self, types: Vec<EndType>) -> EndsId {
        let known = &mut self.program.canonical.ends;
        let same = known.iter().find(|(_, other)| **other == types).map(|(id, _)| id);
        same.unwrap_or_else(|| known.push(types))
    }

    /// Sets the ends of streams or futures that component instances have, by the numbers that adapters use.
    pub fn set_end_tables(&mut self, is_future: bool, tables: Vec<EndTable>) {
        self.program.canonical.end_tables[usize::from(is_future)] = tables;
    }

    /// Adds what an adapter calls asynchronously.
    pub fn add_callee(&mut self, callee: Callee) -> CalleeId {
        self.may_block();
        self.program.canonical.callees.push(callee)
    }

    /// Adds how a function is lifted.
    pub fn add_lift(&mut self, lift: Lift) -> LiftId {
        self.may_block();
        self.program.canonical.lifts.push(lift)
    }

    /// The core global that says whether a component instance may call out.
    pub fn may_leave(&self, instance: ComponentId) -> GlobalId {
        self.program.canonical.components[instance].may_leave
    }

    /// Notes that an instance is an adapter between components, all of whose imports are bound.
    pub fn add_adapter(&mut self, id: InstanceId) {
        let instance = &self.program.instances[id];
        let imports = instance.module.imports.iter();
        // The front end's name for what it calls to allocate.
        let reallocs =
            imports.filter(|import| import.module == "realloc").filter_map(|import| match import.item {
                Item::Func(func) => Some(instance.funcs[func]),
                _ => None,
            });
        self.program.canonical.locked.extend(reallocs);
        self.program.canonical.adapters.insert(id);
    }

    /// The options with these values.
    pub fn options(&mut self, options: CanonicalOptions) -> CanonicalId {
        let known = &mut self.program.canonical.options;
        let same = known.iter().find(|(_, other)| **other == options).map(|(id, _)| id);
        same.unwrap_or_else(|| known.push(options))
    }

    /// Adds a kind of resource.
    pub fn add_resource(&mut self, ty: ResourceType) -> ResourceId {
        self.program.canonical.resources.push(ty)
    }

    /// The component instance that defines a kind of resource; none if the host does.
    pub fn resource_instance(&self, resource: ResourceId) -> Option<ComponentId> {
        self.program.canonical.resources[resource].instance
    }

    /// Adds the table of resources with the next number, if there is one with that number.
    pub fn add_resource_table(&mut self, table: Option<ResourceTable>) {
        self.program.canonical.tables.push(table);
    }

    /// Adds a function of the runtime, bound to constants.
    pub fn add_bound(
        &mut self,
        name: String,
        function: RuntimeFunc,
        constants: Vec<Constant>,
        signature: TypeId,
    ) -> FuncId {
        let bound = self.program.canonical.bound.push(BoundFunc { function, constants, trace: None });
        self.program.funcs.push(Func { kind: FuncKind::Bound(bound), signature, name })
    }

    /// Sets what a traced program shows of calls of a function that is bound to constants.
    pub fn trace(&mut self, func: FuncId, text: String) {
        if let FuncKind::Bound(bound) = self.program.funcs[func].kind {
            self.program.canonical.bound[bound].trace = Some(text);
        }
    }

    /// The parameters and results of functions of a type.
    pub fn signature(&self, ty: TypeId) -> &FuncType {
        self.program.types.signature(ty)
    }

    /// Adds a function that no module defines and the runtime doesn't have.
    pub fn add_stand_in(&mut self, name: String, kind: FuncKind, signature: TypeId) -> FuncId {
        self.program.funcs.push(Func { kind, signature, name })
    }

    /// Has the program call an export of the component, at the end.
    pub fn invoke(&mut self, invocation: Invocation) {
        self.program.invocation = Some(invocation);
    }

    /// The canonical type of functions with these parameters and results, which are numbers.
    pub fn function_type(&mut self, ty: FuncType) -> TypeId {
        self.program.types.function(ty)
    }
}
