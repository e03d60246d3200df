//! The call of a component's export, see `wasm_aot_abi::wave`.

use wasm_aot_abi::shared::{Pointer, Store};
use wasm_aot_abi::symbols;
use wasm_aot_abi::wave;

use super::encoder::{Encoder, Reference, Symbolic};
use crate::program::{Block, InvocationValues, Part, ValueType};

pub fn add(encoder: &mut Encoder<'_>, values: &InvocationValues) {
    let mut types: Vec<Reference<wave::Type<Symbolic>>> = Vec::new();
    for ty in &values.types {
        let encoded = value_type(encoder, ty, &types);
        types.push(encoder.one(encoded));
    }
    let arguments = block(encoder, &values.arguments);
    let invocation = wave::Invocation {
        arguments,
        result: types.last().copied().unwrap_or(Pointer::NULL),
        is_flat: values.is_flat.into(),
    };
    encoder.define(symbols::INVOCATION, invocation);
}

fn block(encoder: &mut Encoder<'_>, plan: &Block) -> wave::Block<Symbolic> {
    let links: Vec<_> = plan
        .links
        .iter()
        .map(|(offset, plan)| wave::Link { offset: *offset as u64, block: block(encoder, plan) })
        .collect();
    wave::Block {
        bytes: encoder.bytes(&plan.bytes),
        alignment: plan.alignment.into(),
        links: array(encoder, &links),
        link_count: links.len() as u64,
    }
}

fn value_type(
    encoder: &mut Encoder<'_>,
    plan: &ValueType,
    types: &[Reference<wave::Type<Symbolic>>],
) -> wave::Type<Symbolic> {
    let part = |encoder: &mut Encoder<'_>, part: &Part| wave::Part {
        name: encoder.bytes(part.name.as_bytes()),
        ty: part.ty.map_or(Pointer::NULL, |index| types[index]),
        is_optional: part.is_optional.into(),
    };
    let parts: Vec<_> = plan.parts.iter().map(|each| part(encoder, each)).collect();
    wave::Type {
        print: encoder.import(plan.kind.symbol()),
        size: plan.size.into(),
        alignment: plan.alignment.into(),
        payload: plan.payload.into(),
        parts: array(encoder, &parts),
        part_count: parts.len() as u64,
    }
}

/// An array; an empty one takes no space and has no address.
fn array<T: wasm_aot_abi::shared::Encode<super::encoder::Address>>(
    encoder: &mut Encoder<'_>,
    items: &[T],
) -> Reference<T> {
    if items.is_empty() { Pointer::NULL } else { encoder.array(items) }
}
