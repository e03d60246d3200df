//! Servers: what instances change, so that the runtime can begin each request anew, see `wasm_aot_abi::server`.

use wasm_aot_abi::layout::Report;
use wasm_aot_abi::server::{DropResource, Region, Server};
use wasm_aot_abi::shared::{Code, Pointer, Store as _};
use wasm_aot_abi::symbols;
use wasm_aot_abi::wasi2::ResourceKind;

use super::encoder::{Address, Encoder, Symbolic};
use crate::layout::{Layout, Symbol};

/// Adds what the runtime must know. What the program shows a trap with is in the place of its own.
pub fn add(
    encoder: &mut Encoder<'_>,
    layout: &Layout<'_, '_>,
    report: Code<Address, Report>,
) -> Code<Address, Report> {
    let (mut regions, mut tables, mut components) = (Vec::new(), Vec::new(), Vec::new());
    let symbols: Vec<Symbol> = encoder.symbols().collect();
    for symbol in symbols {
        match symbol {
            // They have sizes of their own, and the runtime knows where they are.
            Symbol::Memory(_) => {}
            Symbol::Table(_) => tables.push(encoder.pointer(symbol)),
            Symbol::ComponentInstance(_) => components.push(encoder.pointer(symbol)),
            _ => {
                if let Some(bytes) = encoder.writable_bytes(symbol) {
                    regions.push(Region::<Symbolic> { start: encoder.pointer(symbol), bytes });
                }
            }
        }
    }
    let kinds: Vec<ResourceKind> =
        ResourceKind::DROP_ORDER.iter().copied().filter(|kind| layout.facts.has_resource(*kind)).collect();
    let mut drops = Vec::new();
    for kind in kinds {
        let mut symbol = String::new();
        kind.drop_symbol(&mut symbol).expect("strings grow");
        drops.push(DropResource::<Symbolic> { kind: kind as u64, drop: encoder.import(&symbol) });
    }
    let counts = [regions.len(), tables.len(), components.len(), drops.len()].map(|count| count as u64);
    let server = Server::<Symbolic> {
        run: encoder.code(Symbol::Main),
        report,
        regions: array(encoder, &regions),
        region_count: counts[0],
        tables: array(encoder, &tables),
        table_count: counts[1],
        components: array(encoder, &components),
        component_count: counts[2],
        drops: array(encoder, &drops),
        drop_count: counts[3],
    };
    encoder.define(symbols::SERVER, server);
    encoder.import(symbols::SERVER_REPORT)
}

/// An array; an empty one takes no space and has no address.
fn array<T: wasm_aot_abi::shared::Encode<Address>>(
    encoder: &mut Encoder<'_>,
    items: &[T],
) -> Pointer<Address, T> {
    if items.is_empty() { Pointer::NULL } else { encoder.array(items) }
}
