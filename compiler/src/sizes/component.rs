//! Components: their core modules, as modules, and what is around them.

use anyhow::{Context as _, Result};
use wasmparser::{Parser, Payload};

use super::ranges::Ranges;
use super::reached::Reached;
use super::{Kind, Node, Part, Sizes, module};
use crate::component::{Component, Modules};
use crate::escape::escape;

/// Where the bytes of a component come from. `name` is that of the file; `reached` says which functions a build keeps, if a
/// build would succeed.
///
/// # Errors
/// If it isn't valid.
pub fn component(
    name: &str,
    component: &Component<'_>,
    modules: &Modules<'_>,
    reached: Option<&Reached>,
) -> Result<Sizes> {
    let mut ranges = Ranges::new(component.bytes.len() as u64);
    let mut unnamed = 0;
    // Adapters are generated, and not in the file.
    for (index, parsed) in modules.iter().filter(|(index, _)| !component.is_adapter(*index)) {
        let base = parsed.bytes.as_ptr().addr() - component.bytes.as_ptr().addr();
        unnamed += module::claim(&mut ranges, parsed, base as u64, Some(index.as_u32()), reached)?;
    }
    for payload in Parser::new(0).parse_all(component.bytes) {
        let payload = payload.context("this isn't a valid component")?;
        // Of nested ones, what is in them comes next.
        let is_nested = matches!(payload, Payload::ComponentSection { .. } | Payload::ModuleSection { .. });
        if let (Some((_, range)), false) = (payload.as_section(), is_nested) {
            ranges.claim(range, section(&payload));
        }
    }
    let rest = Part::new(Kind::Headers, "beginnings of sections of the component");
    let root = Node::of(name, ranges.finish(rest));
    Ok(Sizes { root, unknown: module::unknown(unnamed, reached) })
}

/// What a section of a component is for, besides its core modules.
fn section(payload: &Payload<'_>) -> Part {
    let name = match payload {
        Payload::ComponentTypeSection(_) | Payload::CoreTypeSection(_) => "types of the component",
        Payload::ComponentImportSection(_) => "imports of the component",
        Payload::ComponentExportSection(_) => "exports of the component",
        Payload::ComponentAliasSection(_) => "aliases of the component",
        Payload::ComponentCanonicalSection(_) => "canonical functions of the component",
        Payload::InstanceSection(_) | Payload::ComponentInstanceSection(_) => "instances of the component",
        Payload::CustomSection(custom) => {
            return Part::new(Kind::Metadata, format!("custom section `{}`", escape(custom.name())));
        }
        _ => "other sections of the component",
    };
    Part::new(Kind::Metadata, name)
}
