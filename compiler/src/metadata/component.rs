//! Components: what functions of the runtime are bound to, see `wasm_aot_abi::component`.

use wasm_aot_abi::component::{Canonical, ComponentInstance, ResourceTable, ResourceType};
use wasm_aot_abi::shared::{Code, Pointer};

use crate::layout::{Layout, Symbol};
use crate::object::{Contents, Data, Feature, Location, Placed};
use crate::program::{CanonicalOptions, ComponentInstance as Plan, Encoding, FuncId};

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
        encoding: match options.encoding {
            Encoding::Utf8 => Canonical::UTF8,
            Encoding::Utf16 => Canonical::UTF16,
            Encoding::Latin1Utf16 => Canonical::LATIN1_UTF16,
        },
    }
}

fn component_instance(layout: &Layout<'_, '_>, plan: &Plan) -> ComponentInstance<Placed> {
    let flag = Location::Offset(Symbol::Globals, layout.global_offset(plan.may_leave).into());
    ComponentInstance {
        may_leave: Pointer::to(flag),
        handles: Pointer::NULL,
        capacity: 0,
        length: 0,
        free: 0,
    }
}

fn at<T>(symbol: Symbol) -> Pointer<Location, T> {
    Pointer::to(Location::Symbol(symbol))
}

/// Code through which the runtime calls a function of the program.
fn entry<F>(func: FuncId) -> Code<Location, F> {
    Code::at(Location::Symbol(Symbol::Entry(func)))
}
