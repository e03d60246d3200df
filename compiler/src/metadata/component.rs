//! Components: what functions of the runtime are bound to, see `wasm_aot_abi::component`.

use wasm_aot_abi::component::{Canonical, ComponentInstance, ResourceTable, ResourceType};
use wasm_aot_abi::concurrent::{Callee, EndTable, EndType, Lift, TaskInstance};
use wasm_aot_abi::shared::{Code, Pointer};

use crate::layout::{Layout, Symbol};
use crate::object::{Contents, Data, Feature, Location, Placed};
use crate::program::{
    CanonicalOptions, ComponentInstance as Plan, Encoding, FuncId, GlobalId, Lift as LiftPlan,
};

pub const FEATURE: Feature = Feature { placed: |_| None, data };

fn data(layout: &Layout<'_, '_>, symbol: Symbol) -> Option<Data> {
    let parts = &layout.program.canonical;
    let read_only = |contents| Some(Data { writable: false, contents });
    match symbol {
        Symbol::CanonicalOptions(options) => {
            read_only(Contents::structures(&[canonical(&parts.options[options])]))
        }
        Symbol::ComponentInstance(instance) => {
            let contents = Contents::structures(&[component_instance(layout, &parts.components[instance])]);
            Some(Data { writable: true, contents })
        }
        Symbol::TaskInstance(instance) => {
            let flag = parts.may_block.map(|flag| global(layout, flag));
            let contents = Contents::structures(&[TaskInstance::<Placed> {
                instance: at(Symbol::ComponentInstance(instance)),
                may_block: flag.map_or(Pointer::NULL, Pointer::to),
                backpressure: 0,
                exclusive: 0,
            }]);
            Some(Data { writable: true, contents })
        }
        Symbol::EndTypes(ends) => {
            let types = parts.ends[ends].iter().map(|ty| EndType {
                kind: ty.kind.into(),
                size: ty.size.into(),
                alignment: ty.alignment.into(),
                elements: ty.elements as u64,
                is_future: ty.is_future.into(),
            });
            read_only(Contents::structures(&types.collect::<Vec<_>>()))
        }
        Symbol::TaskInstances => {
            let all = parts.components.keys().map(Symbol::TaskInstance);
            let all: Vec<Pointer<Location, TaskInstance<Placed>>> = all.map(at).collect();
            read_only(Contents::structures(&all))
        }
        Symbol::EndTables { is_future } => {
            let tables = parts.end_tables[usize::from(is_future)].iter().map(|table| EndTable::<Placed> {
                ty: at(Symbol::EndTypes(table.ty)),
                instance: at(Symbol::ComponentInstance(table.instance)),
            });
            read_only(Contents::structures(&tables.collect::<Vec<_>>()))
        }
        Symbol::Callee(id) => {
            let plan = &parts.callees[id];
            read_only(Contents::structures(&[Callee::<Placed> {
                memory: plan.memory.map_or(Pointer::NULL, |memory| at(Symbol::Memory(memory))),
                callback: plan.callback.map(entry),
                post_return: plan
                    .post_return
                    .map(|func| Code::at(Location::Symbol(Symbol::SpilledEntry(func)))),
                values: plan.values.into(),
            }]))
        }
        Symbol::Lift(id) => read_only(Contents::structures(&[lift(&parts.lifts[id])])),
        Symbol::ResourceType(resource) => {
            let ty = &parts.resources[resource];
            let instance = ty.instance.map(Symbol::ComponentInstance);
            read_only(Contents::structures(&[ResourceType::<Placed> {
                destructor: ty.destructor.map(entry),
                instance: instance.map_or(Pointer::NULL, at),
                kind: ty.kind.into(),
            }]))
        }
        Symbol::ResourceTables => {
            let tables = parts.tables.iter().map(|table| match table {
                Some(table) => ResourceTable::<Placed> {
                    ty: at(Symbol::ResourceType(table.resource)),
                    instance: at(Symbol::ComponentInstance(table.instance)),
                },
                None => ResourceTable { ty: Pointer::NULL, instance: Pointer::NULL },
            });
            read_only(Contents::structures(&tables.collect::<Vec<_>>()))
        }
        _ => None,
    }
}

fn canonical(options: &CanonicalOptions) -> Canonical<Placed> {
    Canonical {
        memory: options.memory.map_or(Pointer::NULL, |memory| at(Symbol::Memory(memory))),
        realloc: options.realloc.map(entry),
        instance: at(Symbol::ComponentInstance(options.instance)),
        encoding: encoding(options.encoding),
    }
}

fn lift(plan: &LiftPlan) -> Lift<Placed> {
    Lift {
        tasks: at(Symbol::TaskInstance(plan.instance)),
        callback: plan.callback.map(entry),
        memory: plan.memory.map_or(Pointer::NULL, |memory| at(Symbol::Memory(memory))),
        encoding: encoding(plan.encoding),
        results: plan.results.into(),
        values: plan.values.into(),
        may_block: plan.may_block.into(),
        deliver: plan.deliver.map(entry),
    }
}

fn encoding(encoding: Encoding) -> u64 {
    match encoding {
        Encoding::Utf8 => Canonical::UTF8,
        Encoding::Utf16 => Canonical::UTF16,
        Encoding::Latin1Utf16 => Canonical::LATIN1_UTF16,
    }
}

fn component_instance(layout: &Layout<'_, '_>, plan: &Plan) -> ComponentInstance<Placed> {
    ComponentInstance {
        may_leave: Pointer::to(global(layout, plan.may_leave)),
        handles: Pointer::NULL,
        capacity: 0,
        length: 0,
        free: 0,
    }
}

/// Where a written global is.
fn global(layout: &Layout<'_, '_>, id: GlobalId) -> Location {
    Location::Offset(Symbol::Globals, layout.global_offset(id).into())
}

fn at<T>(symbol: Symbol) -> Pointer<Location, T> {
    Pointer::to(Location::Symbol(symbol))
}

/// Code through which the runtime calls a function of the program.
fn entry<F>(func: FuncId) -> Code<Location, F> {
    Code::at(Location::Symbol(Symbol::Entry(func)))
}
