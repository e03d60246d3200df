//! Compares the table with the runtime's functions: their types follow from those of the table by the rules of the
//! canonical ABI (`CanonicalABI.md`, "Flattening").

extern crate std;

use std::boxed::Box;
use std::collections::BTreeMap;
use std::format;
use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::{Interface, PACKAGES, ResourceKind, Symbol, TYPES};
use crate::host::Flat;

/// Core parameters of a function, at most; with more, they are in memory.
const MAX_FLAT_PARAMS: usize = 16;

/// The parameters and the result of a function of the runtime.
pub type Type = (Vec<Flat>, Option<Flat>);

/// Reads a type of the table.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(text);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn expect(&mut self, text: &str) {
        assert!(self.skip(text), "`{text}` expected at `{}`", self.rest);
    }

    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        assert!(!word.is_empty(), "a word expected at `{rest}`");
        self.rest = rest;
        word
    }

    /// What stands between two brackets, separated by commas.
    fn items<T>(&mut self, open: &str, close: &str, item: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        self.expect(open);
        while !self.skip(close) {
            items.push(item(self));
            if !self.skip(",") {
                self.expect(close);
                break;
            }
        }
        items
    }

    /// The flat form of a type.
    fn ty(&mut self) -> Vec<Flat> {
        let flat = |reader: &mut Self| reader.ty();
        match self.word() {
            "_" => vec![],
            "bool" | "u8" | "u16" | "u32" => vec![Flat::I32],
            "u64" | "s64" => vec![Flat::I64],
            "string" => vec![Flat::I32, Flat::I32],
            "own" | "borrow" => {
                let kind = self.items("<", ">", Reader::word)[0];
                let is = |resource: &&ResourceKind| resource.name() == kind;
                assert_eq!(ResourceKind::ALL.iter().filter(is).count(), 1, "{kind}");
                vec![Flat::I32]
            }
            "list" => {
                self.items("<", ">", flat);
                vec![Flat::I32, Flat::I32]
            }
            "stream" | "future" => {
                self.items("<", ">", flat);
                vec![Flat::I32]
            }
            "result" if !self.rest.starts_with('<') => vec![Flat::I32],
            "option" | "result" => variant(self.items("<", ">", flat)),
            "tuple" => self.items("<", ">", flat).concat(),
            "record" => {
                let fields = self.items("{", "}", |reader| {
                    reader.word();
                    reader.expect(":");
                    reader.ty()
                });
                fields.concat()
            }
            "enum" | "flags" => {
                assert!(self.items("{", "}", Reader::word).len() <= 64);
                vec![Flat::I32]
            }
            "variant" => {
                let cases = self.items("{", "}", |reader| {
                    reader.word();
                    if reader.rest.starts_with('(') { reader.items("(", ")", flat).concat() } else { vec![] }
                });
                variant(cases)
            }
            name => {
                let named = TYPES.iter().find(|(known, _)| *known == name);
                let (_, ty) = named.unwrap_or_else(|| panic!("unknown type {name}"));
                Reader { rest: ty }.whole(flat)
            }
        }
    }

    /// All of the text.
    fn whole<T>(mut self, read: impl Fn(&mut Self) -> T) -> T {
        let value = read(&mut self);
        assert_eq!(self.rest.trim(), "");
        value
    }

    /// The type of the runtime's function for a function, without its caller.
    fn function(&mut self) -> Type {
        let mut params = self.items("(", ")", Self::ty).concat();
        if params.len() > MAX_FLAT_PARAMS {
            params = vec![Flat::I32];
        }
        let results = if self.skip("->") { self.ty() } else { vec![] };
        if results.len() > 1 {
            params.push(Flat::I32);
            return (params, None);
        }
        (params, results.first().copied())
    }
}

/// The discriminant, and room for each of the cases.
fn variant(cases: Vec<Vec<Flat>>) -> Vec<Flat> {
    let mut payload: Vec<Flat> = vec![];
    for case in cases {
        for (i, flat) in case.into_iter().enumerate() {
            match payload.get_mut(i) {
                Some(joined) if *joined == flat => {}
                Some(joined) => *joined = Flat::I64,
                None => payload.push(flat),
            }
        }
    }
    payload.insert(0, Flat::I32);
    payload
}

fn flat(ty: &str) -> Flat {
    match ty {
        "u32" => Flat::I32,
        "u64" => Flat::I64,
        _ => panic!("no parameter or result of a host function is of type {ty}"),
    }
}

/// The type of the runtime's function for a function of this type, without its caller.
pub fn flattened(ty: &str) -> Type {
    Reader { rest: ty }.whole(Reader::function)
}

/// The functions in a source file whose names begin so.
fn declared(source: &str, prefix: &str, functions: &mut BTreeMap<String, Type>) {
    for declaration in source.split(&format!("extern \"C\" fn {prefix}")).skip(1) {
        let (name, rest) = declaration.split_once('(').unwrap();
        let (parameters, rest) = rest.split_once(')').unwrap();
        let types = parameters.split(',').filter_map(|parameter| parameter.split_once(':'));
        let mut types: Vec<&str> = types.map(|(_, ty)| ty.trim()).collect();
        // The types of streams and futures follow the caller.
        types.retain(|ty| !ty.starts_with("&'static [EndType"));
        assert_eq!(types.pop(), Some("&Caller"), "{name}");
        let result = rest.split_once('{').unwrap().0.trim();
        let result = result.strip_prefix("-> ").filter(|ty| *ty != "!").map(flat);
        let ty = (types.into_iter().map(flat).collect(), result);
        assert_eq!(functions.insert(format!("{prefix}{name}"), ty), None, "{name} is there twice");
    }
}

/// Adds the functions in a folder whose names begin so.
pub fn read(directory: &Path, prefix: &str, functions: &mut BTreeMap<String, Type>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, prefix, functions);
        } else {
            declared(&fs::read_to_string(path).unwrap(), prefix, functions);
        }
    }
}

/// The symbols that an interface asks for.
fn expected(interface: &Interface) -> BTreeMap<String, Type> {
    let mut expected = BTreeMap::new();
    for function in interface.functions {
        let variants = function.variants.iter().copied().map(Some);
        for variant in variants.chain([None]) {
            let symbol = Symbol { interface: interface.name, function: function.name, variant };
            let ty = flattened(function.ty);
            assert_eq!(expected.insert(symbol.to_string(), ty), None, "{symbol} is there twice");
        }
    }
    for kind in ResourceKind::ALL.iter().filter(|kind| kind.interface() == interface.name) {
        let mut symbol = String::new();
        kind.drop_symbol(&mut symbol).unwrap();
        assert_eq!(expected.insert(symbol, (vec![Flat::I32], None)), None);
    }
    expected
}

/// The runtime has a function for each row, variant and drop, with the type that follows from the row, and no others.
#[test]
fn the_runtime_has_these_functions() {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/wasi2");
    if !runtime.exists() {
        std::eprintln!("skipped: the runtime isn't in the package of this crate");
        return;
    }
    let mut found = BTreeMap::new();
    read(&runtime, "wasm_aot_wasi2_", &mut found);
    for interface in PACKAGES.into_iter().flatten() {
        for (symbol, ty) in expected(interface) {
            assert_eq!(found.remove(&symbol), Some(ty), "{symbol}");
        }
    }
    assert_eq!(found, BTreeMap::new(), "no row asks for these");
}

#[test]
fn types_are_flattened() {
    let flat = flattened;
    let (i32, i64) = (Flat::I32, Flat::I64);
    assert_eq!(flat("(u8, result<u64, stream-error>)"), (vec![i32, i32, i64, i32], None));
    assert_eq!(flat("() -> result"), (vec![], Some(i32)));
    assert_eq!(flat("(tuple<string, option<u64>>) -> datetime"), (vec![i32, i32, i32, i64, i32], None));
    let many = Box::leak(format!("({}) -> bool", ["datetime"; 9].join(", ")).into_boxed_str());
    assert_eq!(flat(many), (vec![i32], Some(i32)));
}

#[test]
fn each_type_can_be_read() {
    for (_, ty) in TYPES {
        Reader { rest: ty }.whole(|reader| reader.ty());
    }
}
