//! The names of functions that were inlined, for backtraces of programs without a line table: `wasm_aot_abi::symbols::INLINED`.

use anyhow::Result;
use wasm_aot_abi::symbols;

use super::encoder::{Encoder, PlacedFunction};
use super::name;
use crate::codegen::InlinedCall;
use crate::program::Program;

/// The text of the table is at most as long as the names of all functions that have code, and this: what follows in the code is shown as
/// if nothing had been inlined. Names are untrusted, and each may be in any number of rows.
const FREE: usize = 64 << 10;

/// Adds the table, if there is anything to be in it; returns whether there is.
///
/// # Errors
/// If the names are larger than offsets can express.
pub fn add(encoder: &mut Encoder<'_>, program: &Program<'_>, placed: &[PlacedFunction<'_>]) -> Result<bool> {
    let called = |call: &InlinedCall| program.funcs[call.callee].name.as_str();
    let mut rows: Vec<(u32, String)> = Vec::new();
    let mut left = FREE + placed.iter().map(|placed| placed.function.name.len()).sum::<usize>();
    let mut push = |offset: u32, names: &str| {
        let names = if names.len() <= left { names } else { "" };
        if rows.last().map_or("", |(_, last)| last.as_str()) != names {
            left -= names.len();
            rows.push((offset, names.to_owned()));
        }
    };
    for PlacedFunction { start, function } in placed {
        // There may be code that belongs to no operator.
        push(*start, "");
        let mut last = (0, String::new());
        for site in &function.sites {
            if site.place.call != last.0 {
                last = (site.place.call, names(&function.inlined, site.place.call, called));
            }
            push(start + site.offset, &last.1);
        }
    }
    if rows.is_empty() {
        return Ok(false);
    }
    let table = name::table(encoder, rows.iter().map(|(start, names)| (*start, names.as_str())))?;
    encoder.define(symbols::INLINED, table);
    Ok(true)
}

/// The names of the functions that were inlined where an inlined call is, from the innermost outward; empty for 0, which is none.
fn names<'n>(inlined: &[InlinedCall], call: u32, called: impl Fn(&InlinedCall) -> &'n str) -> String {
    let of = |number: u32| number.checked_sub(1).map(|index| &inlined[index as usize]);
    let calls = std::iter::successors(of(call), |call| of(call.parent));
    calls.map(called).collect::<Vec<_>>().join("\0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::FuncId;

    #[test]
    fn names_go_from_the_inside_out() {
        let calls = [(0, 0), (1, 1), (0, 0)].map(|(callee, parent)| InlinedCall {
            callee: FuncId::from_u32(callee),
            parent,
            wasm: 10,
        });
        let called = |call: &InlinedCall| ["load", "sum"][call.callee.as_u32() as usize];
        let names = |call| names(&calls, call, called);
        assert_eq!([0, 1, 2, 3].map(names), ["", "load", "sum\0load", "load"]);
    }
}
