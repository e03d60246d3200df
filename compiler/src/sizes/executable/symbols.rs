//! Symbols: the functions and the data of the runtime.

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

/// Claims what has symbols; none if nothing has.
pub fn claim(file: &object::File<'_>, program: &Program, claims: &mut Claims) -> Option<Symbols> {
    let is_macho = file.format() == BinaryFormat::MachO;
    let mut found = Vec::new();
    let mut total = 0;
    for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
        let is_code = match symbol.kind() {
            SymbolKind::Text => true,
            SymbolKind::Data => false,
            // What Mach-O says is only the section.
            _ => continue,
        };
        let name = symbol.name().unwrap_or_default();
        // Mach-O puts an underscore before each name.
        let name = if is_macho { name.strip_prefix('_').unwrap_or(name) } else { name };
        // Assemblers make names that begin so.
        let is_named = !name.is_empty() && !name.starts_with(".L");
        if is_named && !program.code.contains(&symbol.address()) {
            total += name.len();
            found.push((symbol.address(), symbol.size(), is_code, name));
        }
    }
    if found.is_empty() {
        return None;
    }
    // Of several at one address, the one with a size.
    found.sort_by_key(|(address, size, ..)| (*address, std::cmp::Reverse(*size)));
    let without_sizes = found.iter().all(|(_, size, ..)| *size == 0);
    let mut demangler = Demangler::new(total);
    let mut host_functions = BTreeSet::new();
    for (index, &(address, size, is_code, name)) in found.iter().enumerate() {
        if let Some(host) = host_function(name).filter(|_| is_code) {
            host_functions.insert(escape(host).into_owned());
        }
        let end = match size {
            0 if without_sizes && is_code => {
                let next = found[index + 1..].iter().map(|(next, ..)| *next).find(|next| *next > address);
                let end = claims.places.end(address).unwrap_or(address);
                next.map_or(end, |next| next.min(end))
            }
            size => address.saturating_add(size),
        };
        let name = escape(&demangler.demangle(name)).into_owned();
        let part = Part::function(Kind::Runtime, name);
        let role = if is_code { Role::Function } else { Role::Other };
        claims.claim(address..end, Part { role, ..part });
    }
    Some(Symbols { host_functions: host_functions.into_iter().collect(), without_sizes })
}

/// What a symbol stands for, if that is a function of the host: `wasi_fd_write`, `wasi2_cli_exit_exit`.
fn host_function(symbol: &str) -> Option<&str> {
    let name = symbol.strip_prefix("wasm_aot_")?;
    let is_preview2 = name.starts_with("wasi2_");
    let is_known = |rest: &str| FUNCTIONS.iter().any(|function| function.symbol == rest);
    let is_preview1 = PREFIXES.iter().any(|prefix| symbol.strip_prefix(prefix).is_some_and(is_known));
    (is_preview1 || is_preview2).then_some(name)
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
