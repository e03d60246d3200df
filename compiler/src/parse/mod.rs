//! Parses bytes to a validated [`Module`].
//!
//! After this every index is in range and every type fits, so later stages never fail on a
//! module's contents. Function bodies are validated and summarised in parallel (`summary`).

mod constant;
mod debug;
mod demangle;
mod dylink;
pub mod errors;
pub mod features;
mod index;
mod module;
mod names;
mod summary;
pub mod used;

pub use constant::{Allocation, ConstExpr, ConstOp};
pub use debug::DebugSections;
pub use demangle::Demangler;
pub use dylink::Dylink;
pub use index::*;
pub use module::*;
pub use summary::{CallSite, Callee, Summary};

use anyhow::Result;
use cranelift_entity::PrimaryMap;
use rayon::prelude::*;
use wasmparser::{
    FuncToValidate, FunctionBody, Imports, KnownCustom, Parser, Payload, ValidPayload, Validator,
};
use wasmparser::{ValidatorResources, WasmFeatures};

/// Parses and validates a module in the binary format that uses only these features.
///
/// # Errors
/// Names the function, the byte offset and the reason, or the feature that isn't supported.
pub fn parse(bytes: &[u8], features: WasmFeatures) -> Result<Module<'_>> {
    let mut validator = Validator::new_with_features(features);
    let mut module = Module { bytes, ..Module::default() };
    let mut bodies = Vec::new();
    let mut names = names::Names::default();
    let parsed = (|| -> Result<()> {
        let mut parser = Parser::new(0);
        parser.set_features(features);
        for payload in parser.parse_all(bytes) {
            let payload = payload?;
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                bodies.push((function, body));
            }
            section(&mut module, &mut names, payload)?;
        }
        Ok(())
    })();
    parsed.map_err(|error| errors::explain(error, bytes, features))?;
    names.apply(&mut module);
    validate_bodies(&mut module, bodies, features)?;
    Ok(module)
}

fn validate_bodies<'a>(
    module: &mut Module<'a>,
    bodies: Vec<(FuncToValidate<ValidatorResources>, FunctionBody<'a>)>,
    features: WasmFeatures,
) -> Result<()> {
    let summaries: Vec<Result<(FunctionBody<'a>, Summary)>> = bodies
        .into_par_iter()
        .map_init(Default::default, |allocations, (function, body)| {
            let mut validator = function.into_validator(std::mem::take(allocations));
            let summary = summary::validate_and_summarise(&mut validator, &body);
            *allocations = validator.into_allocations();
            Ok((body, summary?))
        })
        .collect();
    let mut defined = PrimaryMap::with_capacity(summaries.len());
    for (index, result) in summaries.into_iter().enumerate() {
        let (body, summary) = result.map_err(|error| {
            let func = FuncIndex::from_u32((module.imported_functions + index) as u32);
            let name = module.function_names.get(&func).map(|name| &**name);
            errors::explain(error, module.bytes, features).in_function(func.as_u32(), name)
        })?;
        defined.push(DefinedFunction { body, summary });
    }
    module.defined = defined;
    Ok(())
}

/// Adds what a section declares to the module.
fn section<'a>(module: &mut Module<'a>, names: &mut names::Names<'a>, payload: Payload<'a>) -> Result<()> {
    match payload {
        Payload::TypeSection(reader) => {
            for group in reader {
                let before = module.types.len();
                module.types.extend(group?.into_types());
                module.type_groups.push(module.types.len() - before);
            }
        }
        Payload::ImportSection(reader) => {
            for group in reader {
                let group = group?;
                module.compact_imports |= !matches!(group, Imports::Single(..));
                for import in group {
                    module.add_import(import?.1);
                }
            }
        }
        Payload::FunctionSection(reader) => {
            for ty in reader {
                module.functions.push(TypeIndex::from_u32(ty?));
            }
        }
        Payload::TableSection(reader) => {
            for table in reader {
                let table = table?;
                let init = match table.init {
                    wasmparser::TableInit::RefNull => None,
                    wasmparser::TableInit::Expr(expr) => Some(ConstExpr::read(&expr)?),
                };
                module.tables.push(Table { ty: table.ty, init });
            }
        }
        Payload::MemorySection(reader) => {
            for memory in reader {
                module.memories.push(memory?);
            }
        }
        Payload::GlobalSection(reader) => {
            for global in reader {
                let global = global?;
                let init = Some(ConstExpr::read(&global.init_expr)?);
                module.globals.push(Global { ty: global.ty, init });
            }
        }
        Payload::TagSection(reader) => {
            for tag in reader {
                module.tags.push(TypeIndex::from_u32(tag?.func_type_idx));
            }
        }
        Payload::ExportSection(reader) => {
            for export in reader {
                let export = export?;
                module.exports.push(Export { name: export.name, item: Item::new(export.kind, export.index) });
            }
        }
        Payload::StartSection { func, .. } => module.start = Some(FuncIndex::from_u32(func)),
        Payload::ElementSection(reader) => {
            for element in reader {
                module.elements.push(ElementSegment::read(element?)?);
            }
        }
        Payload::DataSection(reader) => {
            for data in reader {
                module.data.push(DataSegment::read(data?)?);
            }
        }
        Payload::CustomSection(custom) => match custom.as_known() {
            KnownCustom::Dylink0(reader) => module.dylink = Some(Dylink::read(reader)),
            _ => {
                names.custom_section(&custom);
                module.debug.add(&custom);
            }
        },
        Payload::CodeSectionStart { unchecked_range, .. } => module.code_start = unchecked_range.start,
        _ => {}
    }
    Ok(())
}
