//! Replaces operators in the functions of a valid module by others that keep it valid.
//!
//! - wasm-smith makes the NaNs of all operators on floats canonical but those of the relaxed ones, where
//!   machines differ, too. Here these are followed by what it puts after the others.
//! - Tests and casts of references belong to garbage collection. In a module without, a test becomes `ref.is_null`, a
//!   cast a trap; in one with it, lengths and indices of arrays are kept small.

use wasmparser::{BinaryReaderError, FunctionBody, Operator, Parser, Payload};

use super::objects::Bounds;
use super::sections::{self, Section, id, leb};

const UNREACHABLE: u8 = 0x00;
const DROP: u8 = 0x1a;
const LOCAL_GET: u8 = 0x20;
const LOCAL_TEE: u8 = 0x22;
const V128: u8 = 0x7b;
const REF_IS_NULL: u8 = 0xd1;
const SIMD: u8 = 0xfd;
const V128_CONST: u32 = 12;
const F32X4_EQ: u32 = 65;
const F64X2_EQ: u32 = 71;
const V128_BITSELECT: u32 = 82;

/// Rewrites all functions. `bounds`: if the module has objects.
pub fn operators(wasm: &[u8], bounds: Option<Bounds>) -> Vec<u8> {
    rewritten(wasm, bounds).expect("wasm-smith's modules are valid")
}

fn rewritten(wasm: &[u8], bounds: Option<Bounds>) -> Result<Vec<u8>, BinaryReaderError> {
    let (mut parameters, mut functions, mut code) = (Vec::new(), Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(types) => {
                for group in types {
                    parameters.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                        wasmparser::CompositeInnerType::Func(func) => func.params().len() as u32,
                        _ => 0,
                    }));
                }
            }
            Payload::FunctionSection(types) => functions = types.into_iter().collect::<Result<_, _>>()?,
            Payload::CodeSectionEntry(body) => {
                let ty: u32 = functions[code.len()];
                code.push(function(wasm, &body, parameters[ty as usize], bounds)?);
            }
            _ => {}
        }
    }
    let mut sections = sections::split(wasm);
    if let Some(Section { contents, .. }) = sections.iter_mut().find(|section| section.id == id::CODE) {
        *contents = leb(code.len() as u32, 1);
        for body in code {
            contents.extend(leb(body.len() as u32, 1));
            contents.extend(body);
        }
    }
    Ok(sections::join(&sections, 1))
}

/// A function body, with one more local where NaNs are made canonical.
fn function(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    parameters: u32,
    bounds: Option<Bounds>,
) -> Result<Vec<u8>, BinaryReaderError> {
    let locals = body.get_locals_reader()?;
    let (mut count, groups) = (parameters, locals.get_count());
    let declarations = locals.original_position();
    for local in locals {
        count += local?.0;
    }
    let mut operators = body.get_operators_reader()?;
    let declarations = &wasm[range(declarations, operators.original_position())];
    let (mut bytes, mut canonical) = (Vec::new(), false);
    while !operators.eof() {
        let start = operators.original_position();
        let operator = operators.read()?;
        let original = &wasm[range(start, operators.original_position())];
        match operator {
            Operator::F32x4RelaxedMadd
            | Operator::F32x4RelaxedNmadd
            | Operator::F32x4RelaxedMin
            | Operator::F32x4RelaxedMax => {
                bytes.extend(original);
                canonical = true;
                bytes.extend(canonicalize(count, F32X4_EQ, &f32::NAN.to_bits().to_le_bytes()));
            }
            Operator::F64x2RelaxedMadd
            | Operator::F64x2RelaxedNmadd
            | Operator::F64x2RelaxedMin
            | Operator::F64x2RelaxedMax => {
                bytes.extend(original);
                canonical = true;
                bytes.extend(canonicalize(count, F64X2_EQ, &f64::NAN.to_bits().to_le_bytes()));
            }
            _ => match bounds {
                Some(bounds) => bytes.extend([&bounds.before(&operator), original].concat()),
                None => bytes.extend(without_objects(&operator, original)),
            },
        }
    }
    let local = if canonical { &[1, V128][..] } else { &[] };
    Ok([&leb(groups + u32::from(canonical), 1), declarations, local, &bytes].concat())
}

/// What an operator on references becomes in a module without objects.
fn without_objects<'a>(operator: &Operator<'_>, original: &'a [u8]) -> &'a [u8] {
    match operator {
        Operator::RefTestNonNull { .. } | Operator::RefTestNullable { .. } => &[REF_IS_NULL],
        Operator::RefEq => &[DROP, REF_IS_NULL],
        Operator::RefCastNonNull { .. } | Operator::RefCastNullable { .. } => &[DROP, UNREACHABLE],
        _ => original,
    }
}

fn range(start: u64, end: u64) -> std::ops::Range<usize> {
    start as usize..end as usize
}

/// Replaces the lanes of the vector on the stack that are NaNs by `nan`.
fn canonicalize(local: u32, equal: u32, nan: &[u8]) -> Vec<u8> {
    let local = leb(local, 1);
    let simd = |operator: u32| [vec![SIMD], leb(operator, 1)].concat();
    [
        [vec![LOCAL_TEE], local.clone()].concat(),
        simd(V128_CONST),
        nan.repeat(16 / nan.len()),
        [vec![LOCAL_GET], local.clone(), vec![LOCAL_GET], local].concat(),
        simd(equal),
        simd(V128_BITSELECT),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_replaced_stays() {
        let wat = "(module (func (param i32) (local i64 f32) (drop (local.get 2))) (func))";
        let wasm = wat::parse_str(wat).unwrap();
        assert_eq!(operators(&wasm, None), wasm);
    }

    #[test]
    fn relaxed_operators_get_canonical_nans() {
        let operator = "f64x2.relaxed_min (local.get 0) (local.get 0)";
        let nan = "v128.const i64x2 0x7ff8000000000000 0x7ff8000000000000";
        let canonical = format!(
            "v128.bitselect (local.tee 2 ({operator})) ({nan}) (f64x2.eq (local.get 2) (local.get 2))"
        );
        let module = |locals: &str, body: &str| {
            let text = format!("(module (func (param v128) (result v128) (local {locals}) ({body})))");
            wat::parse_str(text).unwrap()
        };
        // The text format joins equal locals to one group, so the one before is of another type.
        assert_eq!(operators(&module("i32", operator), None), module("i32 v128", &canonical));
    }
}
