//! How a result is printed: its type, as `wasm_aot_abi::wave` describes it to the program.

use std::collections::HashMap;

use anyhow::{Result, bail};
use wasm_aot_abi::wave::Kind;
use wasm_wave::lex::Keyword;
use wasmtime_environ::component::{
    CanonicalAbiInfo, InterfaceType, MAX_FLAT_RESULTS, StringEncoding, TypeTupleIndex,
};

use crate::component::Component;
use crate::component::wit::Wit;
use crate::program::{Part, ValueType};

/// The type of a function's result, after its parts, and whether it is a core result.
///
/// # Errors
/// If WAVE has no values of the type.
pub fn describe(
    component: &Component<'_>,
    results: TypeTupleIndex,
    encoding: StringEncoding,
) -> Result<(Vec<ValueType>, bool)> {
    let mut types = Types { component, encoding, known: HashMap::new(), all: Vec::new() };
    let tuple = &component.types[results];
    match &*tuple.types {
        [result] => _ = types.add(*result)?,
        // Shown as an empty tuple if there are none.
        _ => _ = types.add(InterfaceType::Tuple(results))?,
    }
    Ok((types.all, tuple.abi.flat_count(MAX_FLAT_RESULTS).is_some()))
}

struct Types<'c, 'a> {
    component: &'c Component<'a>,
    encoding: StringEncoding,
    known: HashMap<InterfaceType, usize>,
    all: Vec<ValueType>,
}

impl Types<'_, '_> {
    /// Adds a type, unless it is there; its index.
    fn add(&mut self, ty: InterfaceType) -> Result<usize> {
        if let Some(index) = self.known.get(&ty) {
            return Ok(*index);
        }
        let (kind, parts, payload) = self.parts(ty)?;
        let CanonicalAbiInfo { size32: size, align32: alignment, .. } =
            *self.component.types.canonical_abi(&ty);
        self.all.push(ValueType { kind, size, alignment, payload, parts });
        self.known.insert(ty, self.all.len() - 1);
        Ok(self.all.len() - 1)
    }

    fn parts(&mut self, ty: InterfaceType) -> Result<(Kind, Vec<Part>, u32)> {
        let types = &self.component.types;
        let kind = match ty {
            InterfaceType::Bool => Kind::Bool,
            InterfaceType::S8 => Kind::S8,
            InterfaceType::U8 => Kind::U8,
            InterfaceType::S16 => Kind::S16,
            InterfaceType::U16 => Kind::U16,
            InterfaceType::S32 => Kind::S32,
            InterfaceType::U32 => Kind::U32,
            InterfaceType::S64 => Kind::S64,
            InterfaceType::U64 => Kind::U64,
            InterfaceType::Float32 => Kind::F32,
            InterfaceType::Float64 => Kind::F64,
            InterfaceType::Char => Kind::Char,
            InterfaceType::String => match self.encoding {
                StringEncoding::Utf8 => Kind::Utf8,
                StringEncoding::Utf16 => Kind::Utf16,
                StringEncoding::CompactUtf16 => Kind::Latin1Utf16,
            },
            InterfaceType::List(index) => {
                return Ok((Kind::List, vec![self.part("", Some(types[index].element))?], 0));
            }
            InterfaceType::Record(index) => {
                let fields = types[index].fields.iter();
                let parts = fields.map(|field| {
                    let is_optional = matches!(field.ty, InterfaceType::Option(_));
                    Ok(Part { is_optional, ..self.part(&field.name, Some(field.ty))? })
                });
                return Ok((Kind::Record, parts.collect::<Result<_>>()?, 0));
            }
            InterfaceType::Tuple(index) => {
                let parts = types[index].types.iter().map(|ty| self.part("", Some(*ty)));
                return Ok((Kind::Tuple, parts.collect::<Result<_>>()?, 0));
            }
            InterfaceType::Flags(index) => {
                let parts = types[index].names.iter().map(|name| self.part(name, None));
                return Ok((Kind::Flags, parts.collect::<Result<_>>()?, 0));
            }
            InterfaceType::Variant(index) => {
                let parts = types[index].cases.iter().map(|(name, ty)| self.part(&case(name), *ty));
                return Ok((
                    Kind::Variant,
                    parts.collect::<Result<_>>()?,
                    types[index].info.payload_offset32,
                ));
            }
            InterfaceType::Enum(index) => {
                let parts = types[index].names.iter().map(|name| self.part(&case(name), None));
                return Ok((Kind::Variant, parts.collect::<Result<_>>()?, 0));
            }
            InterfaceType::Option(index) => {
                let option = &types[index];
                let parts = vec![self.part("none", None)?, self.part("some", Some(option.ty))?];
                return Ok((Kind::Variant, parts, option.info.payload_offset32));
            }
            InterfaceType::Result(index) => {
                let result = &types[index];
                let parts = vec![self.part("ok", result.ok)?, self.part("err", result.err)?];
                return Ok((Kind::Variant, parts, result.info.payload_offset32));
            }
            // The validator refuses maps and lists of a fixed length.
            InterfaceType::Map(_)
            | InterfaceType::FixedLengthList(_)
            | InterfaceType::Own(_)
            | InterfaceType::Borrow(_)
            | InterfaceType::Future(_)
            | InterfaceType::Stream(_)
            | InterfaceType::ErrorContext(_) => {
                let ty = Wit::plain(self.component).value_type(ty);
                bail!("the result can't be printed: it has a value of the type {ty}")
            }
        };
        Ok((kind, Vec::new(), 0))
    }

    fn part(&mut self, name: &str, ty: Option<InterfaceType>) -> Result<Part> {
        let ty = ty.map(|ty| self.add(ty)).transpose()?;
        Ok(Part { name: name.to_owned(), ty, is_optional: false })
    }
}

/// The name of a case as WAVE writes it: what is also a keyword gets a `%`.
fn case(name: &str) -> String {
    let prefix = if Keyword::decode(name).is_some() { "%" } else { "" };
    format!("{prefix}{name}")
}
