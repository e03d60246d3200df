//! A bill of materials of what a build makes: [CycloneDX 1.6](https://cyclonedx.org/docs/1.6/json/), as JSON. It has what went into
//! the output, with SHA-256 digests: modules and components with what they say of their origin, the packages that `cargo auditable`
//! has noted in them, the runtime, bundled files; and the main choices of the build. A module in the text format counts as what it
//! is in the binary one. Equal builds have equal bills: there is no time and no serial number in them.

mod origin;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::driver::{BuildPlan, Emit};
use crate::targets::OptLevel;
use origin::{Origin, Package};

/// The licence of the runtime, whose code is in the output: the exception is for that.
const RUNTIME_LICENCE: &str = "Apache-2.0 WITH LLVM-exception";

/// The bill for an output and its bytes, which a plan has made of a module or a component. Both come with their names, which are
/// those of files as a rule.
pub fn bill(plan: &BuildPlan, input: (&str, &[u8]), output: (&str, &[u8])) -> String {
    let (name, bytes) = output;
    let kind = if plan.emit.is_library() { "library" } else { "application" };
    let mut components = vec![wasm("input", input.0, &Origin::read(input.1))];
    for (index, linked) in plan.linked.iter().enumerate() {
        components.push(wasm(&format!("linked-{index}"), &linked.name, &Origin::read(&linked.wasm)));
    }
    components.push(json!({
        "type": "library", "bom-ref": "runtime", "name": "wasm-aot-runtime", "version": env!("CARGO_PKG_VERSION"),
        "licenses": [{ "expression": RUNTIME_LICENCE }],
        "properties": properties([("runtimes", wasm_aot_runtimes::DIGEST.to_owned())]),
    }));
    for (index, bundle) in plan.policy.bundles.iter().enumerate() {
        for (file, (path, digest)) in bundle.contents().into_iter().enumerate() {
            components.push(json!({
                "type": "file", "bom-ref": format!("bundle-{index}-{file}"), "name": path, "hashes": [hash(&digest)],
            }));
        }
    }
    let parts: Vec<&Value> = components.iter().map(|component| &component["bom-ref"]).collect();
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [
                { "type": "application", "name": "wasm-aot", "version": env!("CARGO_PKG_VERSION") },
            ] },
            "component": {
                "type": kind, "bom-ref": "output", "name": name, "hashes": [hash_of(bytes)],
                "properties": properties(choices(plan)),
            },
        },
        "dependencies": [{ "ref": "output", "dependsOn": parts }],
        "components": components,
    });
    format!("{bill:#}\n")
}

/// The main choices of the build.
fn choices(plan: &BuildPlan) -> impl Iterator<Item = (&'static str, String)> {
    let emit = match plan.emit {
        Emit::Executable => "exe",
        Emit::ProgramObject => "program",
        Emit::Object => "obj",
        Emit::StaticLibrary => "staticlib",
        Emit::SharedLibrary => "cdylib",
        Emit::Header => "header",
        Emit::Rust => "rust",
        Emit::Assembly => "asm",
        Emit::Clif => "clif",
    };
    let level = match plan.opt_level {
        OptLevel::O0 => "0",
        OptLevel::O1 => "1",
        OptLevel::O2 => "2",
        OptLevel::Size => "s",
    };
    let always = [("target", plan.target.name), ("emit", emit), ("opt-level", level)];
    let always = always.map(|(name, value)| (name, value.to_owned()));
    let sometimes = [
        ("cpu", plan.cpu.clone()),
        ("invoke", plan.invoke.clone()),
        ("preinit", plan.preinit.as_ref().map(|preinit| preinit.export.clone())),
        ("memory-guard", (!plan.memory_guard).then(|| "none".to_owned())),
        ("lock-policy", plan.policy.locked.then(|| "true".to_owned())),
    ];
    always.into_iter().chain(sometimes.into_iter().filter_map(|(name, value)| Some((name, value?))))
}

/// Properties of ours, by their names behind `wasm-aot:`.
fn properties(of: impl IntoIterator<Item = (&'static str, String)>) -> Vec<Value> {
    of.into_iter()
        .map(|(name, value)| json!({ "name": format!("wasm-aot:{name}"), "value": value }))
        .collect()
}

/// A module or a component, with those in it and the packages that it is made of.
fn wasm(reference: &str, name: &str, origin: &Origin<'_>) -> Value {
    let mut all = Map::new();
    all.insert("type".to_owned(), "library".into());
    all.insert("bom-ref".to_owned(), reference.into());
    // Those inside of others have a name of their own, or none.
    let fallback = if name.is_empty() { reference } else { name };
    all.insert("name".to_owned(), origin.name.unwrap_or(fallback).into());
    if let Some(bytes) = origin.module {
        all.insert("hashes".to_owned(), json!([hash_of(bytes)]));
    }
    for (key, text) in [("version", origin.version), ("description", origin.description)] {
        if let Some(text) = text {
            all.insert(key.to_owned(), text.into());
        }
    }
    if let Some(licence) = origin.licence {
        all.insert("licenses".to_owned(), json!([{ "expression": licence }]));
    }
    let producers = origin.producers.iter().map(|(field, name, version)| {
        let separator = if version.is_empty() { "" } else { " " };
        json!({ "name": format!("wasm-aot:producers:{field}"), "value": format!("{name}{separator}{version}") })
    });
    let mut properties: Vec<Value> = producers.collect();
    if origin.name.is_some_and(|own| own != name) && !name.is_empty() {
        properties.push(json!({ "name": "wasm-aot:file", "value": name }));
    }
    if !properties.is_empty() {
        all.insert("properties".to_owned(), properties.into());
    }
    let inner = origin.inner.iter().enumerate();
    let inner = inner.map(|(index, inner)| wasm(&format!("{reference}-{index}"), "", inner));
    let packages = origin.packages.iter().enumerate();
    let packages =
        packages.map(|(index, package)| of_cargo(&format!("{reference}-package-{index}"), package));
    let parts: Vec<Value> = inner.chain(packages).collect();
    if !parts.is_empty() {
        all.insert("components".to_owned(), parts.into());
    }
    all.into()
}

/// A package of cargo.
fn of_cargo(reference: &str, package: &Package) -> Value {
    let Package { name, version, .. } = package;
    let scope = if package.is_for_building() { "excluded" } else { "required" };
    let mut value =
        json!({ "type": "library", "bom-ref": reference, "name": name, "version": version, "scope": scope });
    if package.is_published() {
        value["purl"] = format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")).into();
    }
    value
}

fn hash_of(bytes: &[u8]) -> Value {
    hash(&Sha256::digest(bytes).into())
}

fn hash(digest: &[u8; 32]) -> Value {
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "alg": "SHA-256", "content": digits })
}

#[cfg(test)]
mod tests;
