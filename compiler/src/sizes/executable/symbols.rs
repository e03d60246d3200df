//! Symbols: the functions and the data of the runtime.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use object::{BinaryFormat, Object as _, ObjectSymbol as _, SymbolKind};
use wasm_aot_abi::host::FUNCTIONS;
use wasm_aot_abi::symbols as prefixes;

use super::claims::Claims;
use super::program::Program;
use crate::escape::escape;
use crate::parse::Demangler;
use crate::sizes::{Kind, Part, Role};

/// What is known by the symbols.
pub struct Symbols {
    /// The functions of the host that the program has, escaped, in the order of their names.
    pub host_functions: Vec<String>,
    /// Whether they have no sizes, so that each function counts up to the next one.
    pub without_sizes: bool,
}

/// A symbol of the runtime.
struct Named<'d> {
    address: u64,
    size: u64,
    is_code: bool,
    name: &'d str,
}

/// Claims what has symbols, in a file of so many bytes; none if nothing has.
pub fn claim(
    bytes: usize,
    file: &object::File<'_>,
    program: &Program,
    claims: &mut Claims,
) -> Option<Symbols> {
    let mut found = named(bytes, file, program);
    if found.is_empty() {
        return None;
    }
    // Of several at one address, the one with a size comes first.
    found.sort_by_key(|symbol| (symbol.address, Reverse(symbol.size)));
    let without_sizes = found.iter().all(|symbol| symbol.size == 0);
    if without_sizes {
        end_at_next(&mut found, claims);
    }
    let mut demangler = Demangler::new(found.iter().map(|symbol| symbol.name.len()).sum());
    let mut host_functions = BTreeSet::new();
    for Named { address, size, is_code, name } in found {
        if let Some(host) = host_function(name).filter(|_| is_code) {
            host_functions.insert(escape(host).into_owned());
        }
        let name = escape(&demangler.demangle(name)).into_owned();
        let role = if is_code { Role::Function } else { Role::Other };
        let part = Part { role, ..Part::function(Kind::Runtime, name) };
        claims.claim(address..address.saturating_add(size), part);
    }
    Some(Symbols { host_functions: host_functions.into_iter().collect(), without_sizes })
}

/// The symbols of functions and data outside of the program's code. Names may overlap; only as many are read as fit into the
/// file one after the other.
fn named<'d>(bytes: usize, file: &object::File<'d>, program: &Program) -> Vec<Named<'d>> {
    let is_macho = file.format() == BinaryFormat::MachO;
    let mut left = bytes;
    let mut found = Vec::new();
    for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
        let is_code = match symbol.kind() {
            SymbolKind::Text => true,
            SymbolKind::Data => false,
            _ => continue,
        };
        let name = symbol.name().unwrap_or_default();
        let Some(rest) = left.checked_sub(name.len()) else { break };
        left = rest;
        // Mach-O puts an underscore before each name.
        let name = if is_macho { name.strip_prefix('_').unwrap_or(name) } else { name };
        let (address, size) = (symbol.address(), symbol.size());
        // Assemblers make names that begin with `.L`.
        let is_named = !name.is_empty() && !name.starts_with(".L");
        if is_named && !program.code.contains(&address) {
            found.push(Named { address, size, is_code, name });
        }
    }
    found
}

/// Has each function end where the next symbol is, or its section.
fn end_at_next(symbols: &mut [Named<'_>], claims: &Claims) {
    let (mut next, mut last) = (u64::MAX, u64::MAX);
    for symbol in symbols.iter_mut().rev() {
        if symbol.address != last {
            (next, last) = (last, symbol.address);
        }
        if symbol.is_code {
            let end = claims.places.end(symbol.address).unwrap_or(symbol.address);
            symbol.size = end.min(next).saturating_sub(symbol.address);
        }
    }
}

/// What a symbol stands for, if that is a function of the host: `wasi_fd_write`, `wasi2_cli_exit_exit`.
fn host_function(symbol: &str) -> Option<&str> {
    let name = symbol.strip_prefix("wasm_aot_")?;
    // With the number of the version: of preview 2, and later ones.
    let version = name.strip_prefix("wasi").and_then(|rest| rest.chars().next());
    let is_of_components = version.is_some_and(|version| version.is_ascii_digit());
    let is_known = |rest: &str| FUNCTIONS.iter().any(|function| function.symbol == rest);
    let is_preview1 = PREFIXES.iter().any(|prefix| symbol.strip_prefix(prefix).is_some_and(is_known));
    (is_preview1 || is_of_components).then_some(name)
}

/// What the symbols of functions of previews 0 and 1 begin with.
const PREFIXES: [&str; 6] = [
    prefixes::WASI_PREFIX,
    prefixes::PREVIEW0_PREFIX,
    prefixes::USER_ENV_PREFIX,
    prefixes::NATIVE_ENV_PREFIX,
    prefixes::BUNDLE_PREFIX,
    prefixes::BUNDLE_PREVIEW0_PREFIX,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_host() {
        for (symbol, expected) in [
            ("wasm_aot_wasi_fd_write", Some("wasi_fd_write")),
            ("wasm_aot_bundle_path_open", Some("bundle_path_open")),
            ("wasm_aot_wasi2_cli_exit_exit", Some("wasi2_cli_exit_exit")),
            ("wasm_aot_wasi_nothing", None),
            ("wasm_aot_start", None),
            ("main", None),
        ] {
            assert_eq!(host_function(symbol), expected, "{symbol}");
        }
    }
}
