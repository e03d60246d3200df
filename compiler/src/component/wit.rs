//! Writes types of components as text: in the notation of `wasi2::Function::ty`, in which the host's functions are
//! compared with what components import, or as WIT declares functions, for listings.
//!
//! Types have no names where they are used, so a type is recognised by what it stands for. The types of a damaged or
//! malicious component may be far longer than the component: texts end at [`MOST_BYTES`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Write};
use std::rc::Rc;

use wasm_aot_abi::wasi2::TYPES;
use wasm_aot_abi::wasi3::ASYNC;
use wasmtime_environ::component::{
    InterfaceType, ResourceIndex, TypeDef, TypeFuncIndex, TypeResourceTable, TypeResourceTableIndex,
};

use super::{Component, names};

/// The maximum length of a text. No type of a function of the host is as long.
const MOST_BYTES: usize = 4096;

/// Writes types of a component with names for those that have some in a scope.
pub struct Wit<'a> {
    component: &'a Component<'a>,
    /// The interface whose resources are written without its name.
    interface: &'a str,
    /// The names of types, by their texts.
    names: HashMap<String, &'a str>,
    /// The names of resources that the component exports.
    exported: Rc<HashMap<ResourceIndex, &'a str>>,
}

impl<'a> Wit<'a> {
    /// Types are written as in the table of the host's functions.
    pub fn host(component: &'a Component<'a>) -> Wit<'a> {
        let names = TYPES.iter().map(|(name, text)| ((*text).to_owned(), *name)).collect();
        Wit { names, ..Wit::plain(component) }
    }

    /// Types are written without names.
    pub fn plain(component: &'a Component<'a>) -> Wit<'a> {
        let exported = Rc::new(names::exported_resources(component));
        Wit { component, interface: "", names: HashMap::new(), exported }
    }

    /// The same, but types are written as in an interface that declares these items.
    pub fn in_interface(
        &self,
        interface: &'a str,
        items: impl Iterator<Item = (&'a str, TypeDef)>,
    ) -> Wit<'a> {
        let exported = self.exported.clone();
        let mut wit = Wit { component: self.component, interface, names: HashMap::new(), exported };
        for (name, item) in items {
            if let TypeDef::Interface(ty) = item {
                let mut text = Text::default();
                // One that is too long to be written as a whole can't be recognised.
                if wit.structure(&mut text, ty).is_ok() && text.is_declared() {
                    wit.names.entry(text.0).or_insert(name);
                }
            }
        }
        wit
    }

    /// `(T, ...) -> T`, after `async` if the function is asynchronous.
    pub fn signature(&self, ty: TypeFuncIndex) -> String {
        self.complete(|text| {
            text.write_str(self.asynchrony(ty))?;
            self.function(text, ty, false)
        })
    }

    /// `func(NAME: T, ...) -> T`, after `async` if the function is asynchronous.
    pub fn declaration(&self, ty: TypeFuncIndex) -> String {
        self.complete(|text| {
            text.write_str(self.asynchrony(ty))?;
            text.write_str("func")?;
            self.function(text, ty, true)
        })
    }

    /// A type of values.
    pub fn value_type(&self, ty: InterfaceType) -> String {
        self.complete(|text| self.value(text, ty))
    }

    fn asynchrony(&self, ty: TypeFuncIndex) -> &'static str {
        if self.component.types[ty].async_ { ASYNC } else { "" }
    }

    fn complete(&self, write: impl FnOnce(&mut Text) -> fmt::Result) -> String {
        let mut text = Text::default();
        match write(&mut text) {
            Ok(()) => text.0,
            Err(fmt::Error) => text.0 + "...",
        }
    }

    fn function(&self, text: &mut Text, ty: TypeFuncIndex, names: bool) -> fmt::Result {
        let types = &self.component.types;
        let ty = &types[ty];
        let params = types[ty.params].types.iter().enumerate();
        list(text, "(", ")", params, |text, (index, param)| {
            if names && let Some(name) = ty.param_names.get(index) {
                write!(text, "{name}: ")?;
            }
            self.value(text, *param)
        })?;
        for result in &types[ty.results].types {
            text.write_str(" -> ")?;
            self.value(text, *result)?;
        }
        Ok(())
    }

    fn value(&self, text: &mut Text, ty: InterfaceType) -> fmt::Result {
        let start = text.0.len();
        self.structure(text, ty)?;
        if let Some(name) = self.names.get(&text.0[start..]) {
            text.0.truncate(start);
            text.write_str(name)?;
        }
        Ok(())
    }

    /// Writes what a type stands for, with names for its parts only.
    fn structure(&self, text: &mut Text, ty: InterfaceType) -> fmt::Result {
        let types = &self.component.types;
        let value = |text: &mut Text, ty: &InterfaceType| self.value(text, *ty);
        let word = |text: &mut Text, name: &String| text.write_str(name);
        match ty {
            InterfaceType::Bool => text.write_str("bool"),
            InterfaceType::S8 => text.write_str("s8"),
            InterfaceType::U8 => text.write_str("u8"),
            InterfaceType::S16 => text.write_str("s16"),
            InterfaceType::U16 => text.write_str("u16"),
            InterfaceType::S32 => text.write_str("s32"),
            InterfaceType::U32 => text.write_str("u32"),
            InterfaceType::S64 => text.write_str("s64"),
            InterfaceType::U64 => text.write_str("u64"),
            InterfaceType::Float32 => text.write_str("f32"),
            InterfaceType::Float64 => text.write_str("f64"),
            InterfaceType::Char => text.write_str("char"),
            InterfaceType::String => text.write_str("string"),
            InterfaceType::ErrorContext(_) => text.write_str("error-context"),
            InterfaceType::Record(index) => {
                list(text, "record{", "}", &types[index].fields, |text, field| {
                    write!(text, "{}: ", field.name)?;
                    value(text, &field.ty)
                })
            }
            InterfaceType::Variant(index) => {
                list(text, "variant{", "}", &types[index].cases, |text, (name, ty)| {
                    text.write_str(name)?;
                    if let Some(ty) = ty {
                        text.write_str("(")?;
                        value(text, ty)?;
                        text.write_str(")")?;
                    }
                    Ok(())
                })
            }
            InterfaceType::Flags(index) => list(text, "flags{", "}", &types[index].names, word),
            InterfaceType::Enum(index) => list(text, "enum{", "}", &types[index].names, word),
            InterfaceType::Tuple(index) => list(text, "tuple<", ">", &types[index].types, value),
            InterfaceType::List(index) => list(text, "list<", ">", [&types[index].element], value),
            InterfaceType::FixedLengthList(index) => {
                text.write_str("list<")?;
                value(text, &types[index].element)?;
                write!(text, ", {}>", types[index].size)
            }
            InterfaceType::Map(index) => {
                list(text, "map<", ">", [&types[index].key, &types[index].value], value)
            }
            InterfaceType::Option(index) => list(text, "option<", ">", [&types[index].ty], value),
            InterfaceType::Result(index) => match (types[index].ok, types[index].err) {
                (None, None) => text.write_str("result"),
                (Some(ok), None) => list(text, "result<", ">", [&ok], value),
                (ok, Some(err)) => list(text, "result<", ">", [ok, Some(err)], |text, ty| match ty {
                    Some(ty) => value(text, &ty),
                    None => text.write_str("_"),
                }),
            },
            InterfaceType::Own(table) => write!(text, "own<{}>", self.resource(table)),
            InterfaceType::Borrow(table) => write!(text, "borrow<{}>", self.resource(table)),
            InterfaceType::Future(table) => {
                list(text, "future<", ">", &types[types[table].ty].payload, value)
            }
            InterfaceType::Stream(table) => {
                list(text, "stream<", ">", &types[types[table].ty].payload, value)
            }
        }
    }

    /// The name of a resource: alone, if the host, this interface or the component itself declares it.
    fn resource(&self, table: TypeResourceTableIndex) -> Cow<'a, str> {
        let TypeResourceTable::Concrete { ty, .. } = self.component.types[table] else {
            return "resource".into();
        };
        if let Some(kind) = names::resource_kind(self.component, ty) {
            return kind.name().into();
        }
        match self.component.translation.component.imported_resources.get(ty) {
            None => self.exported.get(&ty).copied().unwrap_or("resource").into(),
            Some(import) => match names::import(self.component, *import) {
                (interface, name) if interface == self.interface => name,
                (interface, name) => format!("{interface}.{name}").into(),
            },
        }
    }
}

/// Writes items between brackets, separated by commas.
fn list<T>(
    text: &mut Text,
    open: &str,
    close: &str,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut Text, T) -> fmt::Result,
) -> fmt::Result {
    text.write_str(open)?;
    for (position, each) in items.into_iter().enumerate() {
        if position > 0 {
            text.write_str(", ")?;
        }
        item(text, each)?;
    }
    text.write_str(close)
}

/// A text of at most [`MOST_BYTES`]; writing more is an error.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Whether it is a type that WIT can't express without declaring it.
    fn is_declared(&self) -> bool {
        ["record{", "variant{", "flags{", "enum{"].iter().any(|word| self.0.starts_with(word))
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MOST_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both are found by the other.
    #[test]
    fn types_of_the_host_and_their_texts_are_distinct() {
        for (index, (name, text)) in TYPES.iter().enumerate() {
            assert!(text.len() <= MOST_BYTES, "{name}");
            let same = |other: &(&str, &str)| other.0 == *name || other.1 == *text;
            assert!(!TYPES[..index].iter().any(same), "{name}");
        }
    }
}
