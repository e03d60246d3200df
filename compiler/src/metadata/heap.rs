//! Encodes what the collector must know of the program: `wasm_aot_abi::gc::Heap`.

use wasm_aot_abi::{gc, symbols};
use wasmparser::CompositeInnerType;

use super::Encoder;
use super::blob::{Blob, Target};
use crate::codegen::StackMap;
use crate::layout::{Layout, ObjectLayout, Storage};
use crate::object::WrittenHeap;
use crate::policy::Policy;

/// How a build wants its collector.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeapOptions {
    /// `--gc-stress`.
    pub stress: bool,
    /// `--gc-verify`.
    pub verify: bool,
}

/// The stack maps of all functions.
#[derive(Default)]
pub struct StackMaps {
    /// As `gc::StackMap`.
    maps: Vec<u32>,
    distances: Vec<u32>,
}

impl StackMaps {
    /// Adds those of a function that starts at this offset, higher than all before.
    pub fn add(&mut self, start: u32, maps: &[StackMap]) {
        for map in maps {
            self.maps.extend([start + map.return_offset, self.distances.len() as u32]);
            self.distances.extend(&map.distances);
        }
    }
}

impl Encoder<'_> {
    /// Describes the heap to the runtime.
    pub(super) fn heap(
        &mut self,
        layout: &Layout<'_, '_>,
        heap: &WrittenHeap,
        mut stack_maps: StackMaps,
        policy: &Policy,
        options: HeapOptions,
    ) {
        let big_endian = self.big_endian;
        let (types, references) = types(layout);
        let type_count = types.len() as u64 / 3;
        let types = self.read_only(Blob::words32(&types, big_endian));
        let references = self.read_only(Blob::words32(&references, big_endian));
        let map_count = stack_maps.maps.len() as u64 / 2;
        // Ends the references of the last stack map.
        stack_maps.maps.extend([u32::MAX, stack_maps.distances.len() as u32]);
        let maps = self.read_only(Blob::words32(&stack_maps.maps, big_endian));
        let distances = self.read_only(Blob::words32(&stack_maps.distances, big_endian));
        let mut roots: Vec<Target> = heap.tables.iter().map(|table| Target::symbol(*table)).collect();
        for (segment, count) in &heap.segments {
            let mut blob = Blob::default();
            blob.pointer(Target::symbol(*segment));
            blob.word(*count, big_endian);
            roots.push(self.relocated(blob));
        }
        let root_count = roots.len() as u64;
        let roots = self.relocated(Blob::pointers(&roots));
        let offsets: &[u32] = heap.globals.as_ref().map_or(&[], |(_, offsets)| offsets);
        let offsets_at = self.read_only(Blob::words32(offsets, big_endian));
        let verify = self.import_if(options.verify, symbols::GC_VERIFY);
        let trace = self.import_if(policy.trace, symbols::GC_TRACE);
        let mut blob = Blob::default();
        blob.pointer(Target::symbol(heap.allocation));
        blob.pointer(types);
        blob.word(type_count, big_endian);
        blob.pointer(references);
        blob.pointer(maps);
        blob.word(map_count, big_endian);
        blob.pointer(distances);
        blob.pointer(roots);
        blob.word(root_count, big_endian);
        blob.optional(heap.globals.as_ref().map(|(globals, _)| Target::symbol(*globals)), big_endian);
        blob.pointer(offsets_at);
        blob.word(offsets.len() as u64, big_endian);
        blob.word(policy.limits.heap.unwrap_or(gc::DEFAULT_MAXIMUM), big_endian);
        blob.word(options.stress.into(), big_endian);
        blob.optional(verify, big_endian);
        blob.optional(trace, big_endian);
        assert_eq!(blob.len(), size_of::<gc::Heap>());
        let at = self.relocated(blob);
        self.export(symbols::GC_HEAP, at, size_of::<gc::Heap>() as u64);
    }
}

/// A `gc::TypeInfo` of each type of objects, in the order of their numbers, and the offsets of references in
/// structures.
fn types(layout: &Layout<'_, '_>) -> (Vec<u32>, Vec<u32>) {
    let program = layout.program;
    let count = layout.objects.exception_range().end as usize;
    let mut infos = vec![[0; 3]; count];
    let mut references = Vec::new();
    let mut structure = |layout: &ObjectLayout| {
        let first = references.len() as u32;
        references.extend(layout.references());
        [layout.bytes, first, references.len() as u32 - first]
    };
    for (id, ty) in program.types.iter() {
        let number = program.types.range(id).start as usize;
        match ty {
            CompositeInnerType::Struct(_) => infos[number] = structure(layout.objects.structure(id)),
            CompositeInnerType::Array(ty) => {
                let storage = layout.objects.storage(ty.0.element_type);
                let traced = u32::from(storage == Storage::Reference);
                infos[number] = [storage.bytes(), gc::TypeInfo::ARRAY, traced];
            }
            _ => {}
        }
    }
    for tag in program.tags.keys() {
        infos[layout.objects.exception_number(tag) as usize] = structure(&layout.objects.exception(tag));
    }
    (infos.concat(), references)
}
