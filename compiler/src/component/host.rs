//! Host functions, as components import them: which function of the runtime each imported function is. Imports are
//! found by the interface's name and any version 0.2 or 0.3, and by their own name, and then compared by type.

use std::collections::BTreeSet;

use cranelift_entity::{PrimaryMap, SecondaryMap};
use wasm_aot_abi::{wasi2, wasi3};
use wasmtime_environ::component::{
    GlobalInitializer, LoweredIndex, RuntimeImportIndex, Trampoline, TypeFuncIndex,
};

use super::wit::Wit;
use super::{Component, names};
use crate::escape::escape;
use crate::program::{LinkError, RuntimeFunc, UnknownImport};

/// The package of interfaces of which servers have a part, and other components nothing: they import it without need.
const HTTP: &str = "wasi:http/";

/// What is said of the interfaces of release candidates of WASI 0.3.
const CANDIDATE: &str =
    "a release candidate; the tools that made the component should be of WASI 0.3.0 or later";

/// An imported function that the component lowers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostImport {
    /// For diagnostics: `wasi:io/poll@0.2.0#poll`.
    pub name: String,
    pub provider: Provider,
}

/// What provides an imported function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// This function of the runtime.
    Function(RuntimeFunc),
    /// Nothing yet: a call traps.
    Unsupported,
    /// Nothing.
    #[default]
    Unknown,
}

/// What provides each imported function that the component lowers.
///
/// # Errors
/// Lists the imports that nothing provides, or names the one whose type isn't the host's. Both are `Unknown` with
/// `trap_unknown_imports`.
pub fn bind(
    component: &Component<'_>,
    is_server: bool,
    trap_unknown_imports: bool,
) -> Result<SecondaryMap<LoweredIndex, HostImport>, LinkError> {
    let wit = Wit::host(component);
    let mut bound = SecondaryMap::new();
    let mut unknown = BTreeSet::new();
    for Lowered { index, import, ty } in lowered(component) {
        let provider = match find(component, is_server, &wit, import, ty) {
            Err(_) if trap_unknown_imports => Provider::Unknown,
            found => found?,
        };
        if provider == Provider::Unknown {
            unknown.insert(import);
        }
        let (from, name) = names::import(component, import);
        bound[index] = HostImport { name: format!("{}#{}", escape(from), escape(&name)), provider };
    }
    if unknown.is_empty() || trap_unknown_imports {
        return Ok(bound);
    }
    let describe = |import| {
        let (module, name) = names::import(component, import);
        let note = names::is_candidate(module).then(|| CANDIDATE.to_owned());
        UnknownImport { module: module.to_owned(), name: name.into_owned(), kind: "function", note }
    };
    Err(LinkError::Unknown(unknown.into_iter().map(describe).collect()))
}

/// An imported function that the component lowers.
pub struct Lowered {
    pub index: LoweredIndex,
    pub import: RuntimeImportIndex,
    /// Its type, as whoever lowers it sees it.
    pub ty: TypeFuncIndex,
}

/// The imported functions that the component lowers, some of them more than once.
pub fn lowered(component: &Component<'_>) -> Vec<Lowered> {
    let mut imports = PrimaryMap::<LoweredIndex, RuntimeImportIndex>::new();
    for step in &component.translation.component.initializers {
        if let GlobalInitializer::LowerImport { import, .. } = step {
            imports.push(*import);
        }
    }
    let trampolines = component.translation.trampolines.values();
    let lowered = trampolines.filter_map(|trampoline| match *trampoline {
        Trampoline::LowerImport { index, lower_ty: ty, .. } => {
            Some(Lowered { index, import: imports[index], ty })
        }
        _ => None,
    });
    lowered.collect()
}

/// What provides an imported function of a type, which `wit` writes as the host does.
///
/// # Errors
/// If the host's function has another type.
pub fn find(
    component: &Component<'_>,
    is_server: bool,
    wit: &Wit<'_>,
    import: RuntimeImportIndex,
    ty: TypeFuncIndex,
) -> Result<Provider, LinkError> {
    let (versioned, name) = names::import(component, import);
    let version2 = names::wasi_interface(versioned);
    let version3 = names::wasi3_interface(versioned);
    let Some(interface) = version2.or(version3) else { return Ok(Provider::Unknown) };
    let is_http = interface.starts_with(HTTP);
    let found = match version2 {
        Some(interface) if is_server || !is_http => function2(interface, &name),
        Some(_) => None,
        None => function3(interface, &name),
    };
    let Some((function, host)) = found else {
        return Ok(if is_http { Provider::Unsupported } else { Provider::Unknown });
    };
    let wanted = wit.signature(ty);
    if wanted != host {
        return Err(LinkError::Incompatible {
            module: versioned.to_owned(),
            reason: format!(
                "the host's function is {host}, not {wanted}\n\
                 it can be made to trap when called: --trap-unknown-imports"
            ),
            name: name.into_owned(),
        });
    }
    Ok(Provider::Function(function))
}

/// The host's function of this name in an interface of WASI 0.2, and its type.
fn function2(interface: &str, name: &str) -> Option<(RuntimeFunc, &'static str)> {
    let interface = wasi2::find(interface)?;
    let function = interface.function(name)?;
    Some((RuntimeFunc::Host(interface.name, function), function.ty))
}

/// The same of WASI 0.3, as it is lowered synchronously.
fn function3(interface: &str, name: &str) -> Option<(RuntimeFunc, &'static str)> {
    let wasi3::Interface { name: interface, functions } = wasi3::find(interface)?;
    let function = functions.iter().find(|function| function.name == name)?;
    let means = match function.same() {
        Some((interface, of)) => RuntimeFunc::Host(interface.name, of),
        None => RuntimeFunc::Host3 { interface, function, is_lowered_async: false },
    };
    Some((means, function.ty))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Adapters, parse};
    use crate::parse::features::SUPPORTED;

    /// What provides the last functions of instances that a component imports, in the text format.
    fn bound(imports: &[(&str, &str)], trap_unknown_imports: bool) -> Result<Vec<Provider>, String> {
        let mut text = String::new();
        for (index, (interface, items)) in imports.iter().enumerate() {
            let last = items.rsplit('"').nth(1).expect("a name");
            text += &format!(
                "(import \"{interface}\" (instance $i{index} {items}))
                (core func $f{index} (canon lower (func $i{index} \"{last}\")))
                (core instance $c{index} (export \"f\" (func $f{index})))
                (core instance (instantiate $m (with \"\" (instance $c{index}))))"
            );
        }
        let module = r#"(core module $m (import "" "f" (func (result i64))))"#;
        let wasm = wat::parse_str(format!("(component {module} {text})")).unwrap();
        let adapters = Adapters::new();
        let component = parse(&wasm, &adapters, SUPPORTED).unwrap();
        let bound = bind(&component, false, trap_unknown_imports).map_err(|error| error.to_string())?;
        Ok((0..imports.len()).map(|index| bound[LoweredIndex::from_u32(index as u32)].provider).collect())
    }

    const U64: &str = r#"(export "now" (func (result u64)))"#;

    #[test]
    fn functions_are_found_in_every_version() {
        let interface = wasi2::find("wasi:clocks/monotonic-clock").unwrap();
        let function = RuntimeFunc::Host(interface.name, interface.function("now").unwrap());
        for version in ["0.2.0", "0.2.6", "0.2.99", "0.3.0", "0.3.7"] {
            let found = bound(&[(&format!("wasi:clocks/monotonic-clock@{version}"), U64)], false);
            assert_eq!(found, Ok(vec![Provider::Function(function)]));
        }
    }

    #[test]
    fn unknown_ones_are_listed_together() {
        let imports = [
            ("wasi:clocks/monotonic-clock@0.4.0", U64),
            ("wasi:clocks/monotonic-clock@0.2.0", r#"(export "later" (func (result u64)))"#),
            ("wasi:clocks/monotonic-clock@0.2.0-rc-2023-11-10", U64),
            ("wasi:http/types@0.2.0", U64),
            ("local", U64),
        ];
        let error = bound(&imports, false).unwrap_err();
        let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("  ")).collect();
        assert_eq!(
            lines,
            [
                "  function wasi:clocks/monotonic-clock@0.4.0#now",
                "  function wasi:clocks/monotonic-clock@0.2.0#later",
                "  function wasi:clocks/monotonic-clock@0.2.0-rc-2023-11-10#now",
                "  function local.now",
            ]
        );
        let trapping = bound(&imports, true).unwrap();
        assert_eq!(trapping[3], Provider::Unsupported);
        assert_eq!(trapping.iter().filter(|provider| **provider == Provider::Unknown).count(), 4);
    }

    #[test]
    fn types_are_compared() {
        let seconds = r#"(type $r (record (field "seconds" u64))) (export "datetime" (type $t (eq $r)))
            (export "now" (func (result $t)))"#;
        let import = [("wasi:clocks/wall-clock@0.2.0", seconds)];
        let error = bound(&import, false).unwrap_err();
        assert!(error.starts_with("incompatible import type: wasi:clocks/wall-clock@0.2.0#now: "), "{error}");
        assert!(error.contains("is () -> datetime, not () -> record{seconds: u64}\n"), "{error}");
        assert_eq!(bound(&import, true), Ok(vec![Provider::Unknown]));
    }
}
