//! The garbage-collected heap: where objects are allocated, and what the collector must know about the
//! program: `wasm_aot_abi::gc::Heap`.

use wasm_aot_abi::gc::{self, Allocation, Roots, TypeInfo};
use wasm_aot_abi::shared::{Encode, Store};
use wasm_aot_abi::symbols;
use wasmparser::CompositeInnerType;

use super::encoder::{Address, Encoder, PlacedFunction, Reference, Symbolic};
use crate::layout::{Layout, ObjectLayout, Storage, Symbol};
use crate::object::{Contents, Data, Feature, Word};
use crate::policy::Policy;
use crate::program::{GlobalId, InitStep};

pub const FEATURE: Feature = Feature {
    placed: |layout| layout.facts.uses_gc().then_some(Symbol::Allocation),
    data: |_, symbol| match symbol {
        Symbol::Allocation => {
            let words = vec![Word::Number(0); <Allocation as Encode<Address>>::BYTES / 8];
            Some(Data { writable: true, contents: Contents::Words(words) })
        }
        _ => None,
    },
};

/// The options of a build for its collector.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeapOptions {
    /// `--gc-stress`.
    pub stress: bool,
    /// `--gc-verify`.
    pub verify: bool,
}

/// Describes the heap to the runtime, if the program has objects.
pub fn add(
    encoder: &mut Encoder<'_>,
    layout: &Layout<'_, '_>,
    functions: &[PlacedFunction<'_>],
    policy: &Policy,
    options: HeapOptions,
) {
    if !layout.facts.uses_gc() {
        return;
    }
    let (types, references) = types(layout);
    let (maps, distances) = stack_maps(functions);
    let type_count = types.len() as u64;
    let (types, references) = (encoder.array(&types), encoder.array(&references));
    let stack_map_count = maps.len() as u64 - 1;
    let (stack_maps, stack_references) = (encoder.array(&maps), encoder.array(&distances));
    let roots = roots(encoder, layout);
    let root_count = roots.len() as u64;
    let roots = encoder.array(&roots);
    let globals = encoder.pointer(Symbol::Globals);
    let offsets = if globals.address.is_some() { global_offsets(layout) } else { Vec::new() };
    let heap = gc::Heap::<Symbolic> {
        allocation: encoder.pointer(Symbol::Allocation),
        types,
        type_count,
        references,
        stack_maps,
        stack_map_count,
        stack_references,
        roots,
        root_count,
        globals,
        global_offsets: encoder.array(&offsets),
        global_count: offsets.len() as u64,
        maximum: policy.limits.heap.unwrap_or(gc::DEFAULT_MAXIMUM),
        stress: options.stress.into(),
        verify: encoder.import_if(options.verify, symbols::GC_VERIFY),
        trace: encoder.import_if(policy.trace, symbols::GC_TRACE),
    };
    encoder.define(symbols::GC_HEAP, heap);
}

/// The stack maps of all functions, with one more that marks the end of the last one's references, and the
/// references.
fn stack_maps(functions: &[PlacedFunction<'_>]) -> (Vec<gc::StackMap>, Vec<u32>) {
    let (mut maps, mut distances) = (Vec::new(), Vec::new());
    for PlacedFunction { start, function } in functions {
        for map in &function.stack_maps {
            let return_offset = start + map.return_offset;
            maps.push(gc::StackMap { return_offset, first_reference: distances.len() as u32 });
            distances.extend(&map.distances);
        }
    }
    maps.push(gc::StackMap { return_offset: u32::MAX, first_reference: distances.len() as u32 });
    (maps, distances)
}

/// Where references of objects are kept besides the stack and globals: tables, and element segments that are evaluated
/// at run time.
fn roots(encoder: &mut Encoder<'_>, layout: &Layout<'_, '_>) -> Vec<Reference<Roots<Symbolic>>> {
    let program = layout.program;
    let tables =
        program.tables.iter().filter(|(_, plan)| layout.objects.is_traced(plan.ty.element_type.into()));
    let mut roots: Vec<Reference<Roots<Symbolic>>> = tables
        .map(|(table, _)| encoder.pointer(Symbol::Table(table)))
        .filter(|table| table.address.is_some())
        .collect();
    for (instance, plan) in &program.instances {
        for step in &plan.init {
            let InitStep::Values(segment) = step else { continue };
            let start = encoder.pointer(Symbol::Elements(instance, *segment));
            if start.address.is_some() {
                let count = plan.module.elements[*segment].items.len() as u64;
                roots.push(encoder.one(Roots { start, count }));
            }
        }
    }
    roots
}

/// The offsets of the globals that are references of objects.
fn global_offsets(layout: &Layout<'_, '_>) -> Vec<u32> {
    let program = layout.program;
    let traced = |global: &GlobalId| {
        let ty = program.globals[*global].ty.content_type;
        !layout.facts.global(*global).is_constant() && layout.objects.is_traced(ty)
    };
    program.globals.keys().filter(traced).map(|global| layout.global_offset(global) as u32).collect()
}

/// The types of objects, in the order of their numbers, and the offsets of references in structures.
fn types(layout: &Layout<'_, '_>) -> (Vec<TypeInfo>, Vec<u32>) {
    let program = layout.program;
    let count = layout.objects.exception_range().end as usize;
    let mut infos = vec![TypeInfo { bytes: 0, first_reference: 0, reference_count: 0 }; count];
    let mut references = Vec::new();
    let mut structure = |layout: &ObjectLayout| {
        let first_reference = references.len() as u32;
        references.extend(layout.references());
        let reference_count = references.len() as u32 - first_reference;
        TypeInfo { bytes: layout.bytes, first_reference, reference_count }
    };
    for (id, ty) in program.types.iter() {
        let number = program.types.range(id).start as usize;
        match ty {
            CompositeInnerType::Struct(_) => infos[number] = structure(layout.objects.structure(id)),
            CompositeInnerType::Array(ty) => {
                let storage = layout.objects.storage(ty.0.element_type);
                infos[number] = TypeInfo {
                    bytes: storage.bytes(),
                    first_reference: TypeInfo::ARRAY,
                    reference_count: u32::from(storage == Storage::Reference),
                };
            }
            _ => {}
        }
    }
    for tag in program.tags.keys() {
        infos[layout.objects.exception_number(tag) as usize] = structure(&layout.objects.exception(tag));
    }
    (infos, references)
}
