//! The features that a module uses.

use wasmparser::{CompositeInnerType, FuncType, SubType, ValType, WasmFeatures};

use super::module::{Item, Module};

/// Features beyond WebAssembly 1.0 that the module's structure and operators show.
pub fn features(module: &Module<'_>) -> WasmFeatures {
    let mut features = WasmFeatures::empty();
    for defined in module.defined.values() {
        features |= defined.summary.features;
    }
    let mut note =
        |feature: WasmFeatures, used: bool| features.set(feature, features.contains(feature) || used);
    let tables = || module.tables.values().map(|table| table.ty);
    let memories = || module.memories.values();
    let mut visible = module.imports.iter().map(|i| i.item).chain(module.exports.iter().map(|e| e.item));
    note(
        WasmFeatures::MUTABLE_GLOBAL,
        visible.any(|item| matches!(item, Item::Global(global) if module.globals[global].ty.mutable)),
    );
    note(WasmFeatures::SIMD, has_vector_types(module));
    note(WasmFeatures::GC, has_gc_types(module));
    note(WasmFeatures::MULTI_VALUE, functions(module).any(|ty| ty.results().len() > 1));
    note(
        WasmFeatures::REFERENCE_TYPES,
        module.tables.len() > 1 || tables().any(|table| !table.element_type.is_func_ref()),
    );
    note(WasmFeatures::COMPACT_IMPORTS, module.compact_imports);
    note(WasmFeatures::MULTI_MEMORY, module.memories.len() > 1);
    note(
        WasmFeatures::MEMORY64,
        memories().any(|memory| memory.memory64) || tables().any(|table| table.table64),
    );
    note(WasmFeatures::CUSTOM_PAGE_SIZES, memories().any(|memory| memory.page_size_log2.is_some()));
    note(WasmFeatures::THREADS, memories().any(|memory| memory.shared));
    note(WasmFeatures::EXCEPTIONS, !module.tags.is_empty());
    features
}

/// The types of functions.
fn functions<'m>(module: &'m Module<'_>) -> impl Iterator<Item = &'m FuncType> {
    module.types.values().filter_map(|ty| match &ty.composite_type.inner {
        CompositeInnerType::Func(ty) => Some(ty),
        _ => None,
    })
}

/// Whether the module uses anything that the garbage collection proposal added besides its operators.
fn has_gc_types(module: &Module<'_>) -> bool {
    let plain = |ty: &SubType| {
        let function = matches!(ty.composite_type.inner, CompositeInnerType::Func(_));
        function && ty.is_final && ty.supertype_idxs.is_empty()
    };
    !module.types.values().all(plain)
}

/// Functions may pass vectors on without applying an operator to them.
fn has_vector_types(module: &Module<'_>) -> bool {
    let is_vector = |ty: &ValType| *ty == ValType::V128;
    functions(module).any(|ty| ty.params().iter().chain(ty.results()).any(is_vector))
        || module.globals.values().any(|global| is_vector(&global.ty.content_type))
}
