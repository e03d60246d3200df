//! The argument of `--invoke`: the name of an exported function and its arguments, as `NAME` or `NAME(1, -2.5)`.

use anyhow::{Result, anyhow, bail, ensure};
use wasmparser::{FuncType, ValType};

use super::exports::{self, shown};
use crate::parse::{FuncIndex, Item, Module};
use crate::program::{Value, describe};

/// The function to call, and its arguments.
///
/// # Errors
/// If the module doesn't export the function (the error lists what it exports), or the arguments don't fit its type.
pub fn parse(module: &Module<'_>, invocation: &str) -> Result<(FuncIndex, Vec<Value>)> {
    let (name, arguments) = split(module, invocation);
    let func = match module.export(name) {
        Some(Item::Func(func)) => func,
        other => {
            let name = shown(name);
            let reason = match other {
                None => format!("the module exports no function `{name}`"),
                Some(_) => format!("the export `{name}` is not a function"),
            };
            bail!(
                "{reason}; {}",
                exports::list(module).unwrap_or_else(|| "it exports no functions".to_owned())
            );
        }
    };
    let ty = module.function_type(func);
    ensure!(
        arguments.len() == ty.params().len(),
        "`{}` is a function {}: it takes {}, not {}",
        shown(name),
        describe(ty),
        count(ty.params().len()),
        arguments.len()
    );
    Ok((func, values(name, ty, &arguments)?))
}

/// The name and the arguments. The name of an export may itself look as if it had arguments.
fn split<'i>(module: &Module<'_>, invocation: &'i str) -> (&'i str, Vec<&'i str>) {
    let with_arguments = invocation.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match with_arguments {
        Some((name, list)) if module.export(invocation).is_none() => {
            let list = list.trim();
            (name, if list.is_empty() { Vec::new() } else { list.split(',').map(str::trim).collect() })
        }
        _ => (invocation, Vec::new()),
    }
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        _ => format!("{arguments} arguments"),
    }
}

fn values(name: &str, ty: &FuncType, arguments: &[&str]) -> Result<Vec<Value>> {
    let fitting = arguments.iter().zip(ty.params()).enumerate();
    fitting
        .map(|(index, (argument, ty))| {
            value(argument, *ty).map_err(|wanted| {
                let place = format!("argument {} of `{}`", index + 1, shown(name));
                anyhow!("{place}: `{}` is not a valid {ty}: {wanted}", shown(argument))
            })
        })
        .collect()
}

/// A value of a type; otherwise a description of what is wanted.
fn value(text: &str, ty: ValType) -> Result<Value, &'static str> {
    const INTEGER: &str = "an integer in range, in decimal or after 0x in hexadecimal digits";
    const FLOAT: &str = "a decimal number, `inf` or `nan`";
    let integer = |bits| integer(text, bits).ok_or(INTEGER);
    match ty {
        ValType::I32 => Ok(Value::I32(integer(32)? as i32)),
        ValType::I64 => Ok(Value::I64(integer(64)? as i64)),
        ValType::V128 => Ok(Value::V128(integer(128)?.to_le_bytes())),
        ValType::F32 => text.parse().map(|value: f32| Value::F32(value.to_bits())).map_err(|_| FLOAT),
        ValType::F64 => text.parse().map(|value: f64| Value::F64(value.to_bits())).map_err(|_| FLOAT),
        ValType::Ref(ty) if ty.is_nullable() && text == "null" => Ok(Value::Null),
        ValType::Ref(ty) if ty.is_nullable() => Err("the only reference that can be given is `null`"),
        ValType::Ref(_) => Err("a reference that can't be null can't be given"),
    }
}

/// The two's complement of an integer that `bits` can hold, signed or unsigned.
fn integer(text: &str, bits: u32) -> Option<u128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = u128::from_str_radix(digits, radix).ok()?;
    let largest = if negative { 1 << (bits - 1) } else { u128::MAX >> (128 - bits) };
    (magnitude <= largest).then(|| if negative { magnitude.wrapping_neg() } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        let i32 = |text| integer(text, 32).map(|value| value as i32);
        assert_eq!(i32("-2147483648"), Some(i32::MIN));
        assert_eq!(i32("-2147483649"), None);
        assert_eq!(i32("4294967295"), Some(-1));
        assert_eq!(i32("4294967296"), None);
        assert_eq!(
            (i32("0x10"), i32("-0X10"), i32("+7"), i32("0xffffffff")),
            (Some(16), Some(-16), Some(7), Some(-1))
        );
        for text in
            ["", "-", "+", "0x", "--1", "+-1", "-+1", "0x-1", "1.0", "1_000", "0o7", "ff", " 1", "\u{661}"]
        {
            assert_eq!(i32(text), None, "{text}");
        }
        assert_eq!(integer("18446744073709551615", 64), Some(u128::from(u64::MAX)));
        assert_eq!(integer("340282366920938463463374607431768211455", 128), Some(u128::MAX));
        assert_eq!(integer("340282366920938463463374607431768211456", 128), None);
        assert_eq!(integer("-1", 128), Some(u128::MAX));
    }

    #[test]
    fn floats() {
        let f32 = |text| value(text, ValType::F32);
        let bits = |value: f32| Ok(Value::F32(value.to_bits()));
        assert_eq!(f32("-0"), bits(-0.0));
        assert_eq!(f32("1e-45"), bits(f32::from_bits(1)));
        assert_eq!(f32("-inf"), bits(f32::NEG_INFINITY));
        assert!(f32("").is_err() && f32("0x1p3").is_err() && f32("1,5").is_err());
        assert_eq!(value("5e-324", ValType::F64), Ok(Value::F64(1)));
    }

    #[test]
    fn names() {
        let text =
            r#"(module (func (export "f(1)")) (func (export "f") (param i32 i32)) (func (export "g (x")))"#;
        let bytes = wat::parse_str(text).unwrap();
        let module = crate::parse::parse(&bytes, crate::parse::features::SUPPORTED).unwrap();
        let parsed = |text| parse(&module, text).map(|(func, arguments)| (func.as_u32(), arguments));
        assert_eq!(parsed("f(1)").unwrap(), (0, vec![]));
        assert_eq!(parsed("f( 1 ,0x2 )").unwrap(), (1, vec![Value::I32(1), Value::I32(2)]));
        assert_eq!(parsed("g (x").unwrap(), (2, vec![]));
        assert_eq!(parsed("g (x( )").unwrap(), (2, vec![]));
        for text in
            ["", "()", "f", "f()", "f(1,)", "f(1 2)", "f(1,2", "f(1,2) ", "f(1,2)x", "f(1,2,3)", "h(1)"]
        {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
