//! Modules: sections, and of these the functions, the data segments and the custom sections, each for itself.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use wasmparser::{BinaryReader, KnownCustom, Name, Parser, Payload};

use super::names::shortened;
use super::ranges::Ranges;
use super::reached::Reached;
use super::{Kind, Node, Part, Role, Sizes, is_unnamed, unnamed};
use crate::escape::escape;
use crate::parse::{DefinedIndex, FuncIndex, Item, Module};

/// Where the bytes of a module come from. `name` is that of the file; `reached` says which functions a build keeps, if a build
/// would succeed.
///
/// # Errors
/// If it isn't valid.
pub fn module(name: &str, module: &Module<'_>, reached: Option<&Reached>) -> Result<Sizes> {
    let mut ranges = Ranges::new(module.bytes.len() as u64);
    let unnamed = claim(&mut ranges, module, 0, None, reached)?;
    let root = Node::of(name, ranges.finish(Part::new(Kind::Headers, BEGINNINGS)));
    Ok(Sizes { root, unknown: unknown(unnamed, reached) })
}

/// What modules of which so many functions have no names don't say.
pub(super) fn unknown(without_names: usize, reached: Option<&Reached>) -> Vec<String> {
    let mut unknown = Vec::from_iter(unnamed(without_names));
    if reached.is_none() {
        unknown.push("A build would fail, so it isn't known which functions it would leave out.".to_owned());
    }
    unknown
}

/// What comes before the contents of sections.
const BEGINNINGS: &str = "beginnings of sections";

/// Claims the bytes of a module that begins at `base`; in a component, `number` is the module's. Returns how many functions
/// have no names.
pub(super) fn claim(
    ranges: &mut Ranges,
    module: &Module<'_>,
    base: u64,
    number: Option<u32>,
    reached: Option<&Reached>,
) -> Result<usize> {
    let names = Names::of(module);
    let group: Option<Arc<str>> = number.map(|number| match names.module {
        Some(name) => format!("core module {number}: {}", escape(shortened(name))).into(),
        None => format!("core module {number}").into(),
    });
    let mut claim = |range: Range<u64>, part: Part| {
        ranges.claim(base + range.start..base + range.end, Part { module: group.clone(), ..part });
    };
    let mut without_names = 0;
    for payload in Parser::new(0).parse_all(module.bytes) {
        let payload = payload.context("this isn't a valid module")?;
        match &payload {
            Payload::CodeSectionStart { unchecked_range: range, .. } => {
                let mut start = first(module.bytes, range);
                for (index, function) in &module.defined {
                    let end = function.body.range().end;
                    let name = names.function(index);
                    without_names += usize::from(is_unnamed(&name));
                    let is_dead = reached.is_some_and(|reached| !reached.has(module, index));
                    let role = if is_dead { Role::DeadFunction } else { Role::Function };
                    // With its size, which comes before it.
                    claim(start..end, Part { role, ..Part::function(Kind::Code, name) });
                    start = end;
                }
            }
            Payload::DataSection(reader) => {
                for (index, segment) in (0..).zip(reader.clone()) {
                    claim(segment?.range, Part::new(Kind::Data, names.segment(index)));
                }
            }
            _ => {}
        }
        if let Some((_, range)) = payload.as_section() {
            claim(range, section(&payload));
        }
    }
    claim(0..module.bytes.len() as u64, Part::new(Kind::Headers, BEGINNINGS));
    Ok(without_names)
}

/// Where the first function of a code section begins: after their number.
fn first(bytes: &[u8], section: &Range<u64>) -> u64 {
    let contents = bytes.get(section.start as usize..section.end as usize).unwrap_or_default();
    let mut reader = BinaryReader::new(contents, section.start);
    reader.read_var_u32().map_or(section.start, |_| reader.original_position())
}

/// What a section is for.
fn section(payload: &Payload<'_>) -> Part {
    let (kind, name) = match payload {
        Payload::TypeSection(_) => (Kind::Metadata, "types"),
        Payload::ImportSection(_) => (Kind::Metadata, "imports"),
        Payload::FunctionSection(_) => (Kind::Metadata, "types of functions"),
        Payload::ExportSection(_) => (Kind::Metadata, "exports"),
        Payload::TableSection(_) => (Kind::Tables, "tables"),
        Payload::ElementSection(_) => (Kind::Tables, "element segments"),
        Payload::CodeSectionStart { .. } => (Kind::Headers, "number of functions"),
        Payload::DataSection(_) | Payload::DataCountSection { .. } => {
            (Kind::Headers, "number of data segments")
        }
        Payload::CustomSection(custom) => {
            let name = escape(custom.name());
            let is_debug = matches!(&*name, "name" | "sourceMappingURL" | "external_debug_info")
                || name.starts_with(".debug_");
            let kind = if is_debug { Kind::Debug } else { Kind::Metadata };
            return Part::new(kind, format!("custom section `{name}`"));
        }
        _ => (Kind::Metadata, "memories, globals, tags, start"),
    };
    Part::new(kind, name)
}

/// The names in a module.
struct Names<'m, 'a> {
    parsed: &'m Module<'a>,
    module: Option<&'a str>,
    /// The functions that are exported, each by the first of its names.
    exports: HashMap<FuncIndex, &'a str>,
    segments: HashMap<u32, &'a str>,
}

impl<'m, 'a> Names<'m, 'a> {
    /// Those of the name section, as far as it can be read, and of exports.
    fn of(parsed: &'m Module<'a>) -> Names<'m, 'a> {
        let mut names = Names { parsed, module: None, exports: HashMap::new(), segments: HashMap::new() };
        for export in &parsed.exports {
            if let Item::Func(func) = export.item {
                names.exports.entry(func).or_insert(export.name);
            }
        }
        for payload in Parser::new(0).parse_all(parsed.bytes).map_while(Result::ok) {
            let Payload::CustomSection(custom) = payload else { continue };
            let KnownCustom::Name(reader) = custom.as_known() else { continue };
            for name in reader.into_iter().map_while(Result::ok) {
                match name {
                    Name::Module { name, .. } => names.module = Some(name),
                    Name::Data(map) => {
                        let known = map.into_iter().map_while(Result::ok);
                        names.segments.extend(known.map(|name| (name.index, name.name)));
                    }
                    _ => {}
                }
            }
        }
        names
    }

    /// As `Module::function_name`, but without a search for each.
    fn function(&self, index: DefinedIndex) -> String {
        let func = FuncIndex::from_u32(self.parsed.imported_functions as u32 + index.as_u32());
        match (self.parsed.function_names.get(&func), self.exports.get(&func)) {
            (Some(name), _) => name.clone(),
            (None, Some(name)) => escape(name).into_owned(),
            (None, None) => format!("function {}", func.as_u32()),
        }
    }

    fn segment(&self, index: u32) -> String {
        let name = self.segments.get(&index).map(|name| escape(name).into_owned());
        name.unwrap_or_else(|| format!("segment {index}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::parse::{self, features::SUPPORTED};
    use crate::program::{Builder, Main};

    #[test]
    fn sums_names_and_dead_functions() {
        let wasm = wat::parse_str(
            r#"(module $m
                 (memory 1) (table 1 funcref)
                 (elem (i32.const 0) $used)
                 (data $greeting (i32.const 0) "hello") (data (i32.const 9) "x")
                 (func $start (call_indirect (i32.const 0)))
                 (func $used) (func $"a::b::dead" (drop (i32.const 1))) (func (param i32))
                 (func (export "exported"))
                 (start $start)
                 (@custom ".debug_info" "abc") (@custom "other" "abcd"))"#,
        )
        .unwrap();
        let parsed = parse::parse(&wasm, SUPPORTED).unwrap();
        let mut builder = Builder::new(false);
        let instance = builder.instantiate(&parsed).unwrap();
        let program = builder.finish(Main::Command(vec![instance], Vec::new()), None).unwrap();
        let reached = Reached::of(&program, &Facts::of(&program));
        let sizes = module("m.wasm", &parsed, Some(&reached)).unwrap();
        assert_eq!(sizes.root.bytes, wasm.len() as u64);
        let mut parts = Vec::new();
        sizes.root.leaves(&mut |kind, node| parts.push((kind, &*node.name, node.bytes, node.dead)));
        for expected in [
            (Kind::Code, "start", 8, false),
            (Kind::Code, "used", 3, false),
            (Kind::Code, "a::b::dead", 6, true),
            (Kind::Code, "function 3", 3, true),
            (Kind::Code, "exported", 3, true),
            (Kind::Data, "greeting", 10, false),
            (Kind::Data, "segment 1", 6, false),
            (Kind::Debug, "custom section `.debug_info`", 15, false),
            (Kind::Metadata, "custom section `other`", 10, false),
        ] {
            assert!(parts.contains(&expected), "{expected:?} isn't in {parts:?}");
        }
        assert_eq!(sizes.unknown.len(), 1);
        assert_eq!(module("m.wasm", &parsed, None).unwrap().unknown.len(), 2);
    }
}
