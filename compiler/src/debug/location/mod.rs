//! Places of variables: DWARF expressions and location lists for Wasm to native ones. What can't be expressed has no place:
//! debuggers then say that it is optimized out, and never show a wrong value.

mod memory;
mod native;
mod scope;
#[cfg(test)]
mod tests;
mod timeline;
mod translate;
mod wanted;
mod wasm;

use std::ops::Range;
use std::{iter, slice};

use gimli::{AttributeValue, UnitRef};

use super::input::{Reader, lists};
pub use native::Expression;
pub use scope::{Scope, Shape, Value};
use timeline::Source;
pub use wanted::wanted;
use wasm::Wasm;

/// Where a variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Everywhere(Expression),
    /// In each range of the function's code, ascending.
    List(Vec<(Range<u32>, Expression)>),
}

/// Ranges of code with the expression that holds in each.
type List = Vec<(Range<u32>, Expression)>;

/// The place of a variable, given its `DW_AT_location`; none if it can't be expressed anywhere.
pub fn place<'a>(
    scope: &Scope<'_, '_, 'a>,
    unit: UnitRef<'_, Reader<'a>>,
    location: &Value<'a>,
    shape: Shape,
) -> Option<Place> {
    let mut list = List::new();
    if let AttributeValue::Exprloc(expression) = location {
        let wasm = Wasm::read(scope, unit, *expression)?;
        if wasm.operands().is_empty() {
            return translate::native(&wasm, scope, &[], shape).map(Place::Everywhere);
        }
        let whole = iter::once(0..scope.code?.bytes());
        expressions(scope, &wasm, shape, whole, &mut list)?;
    } else {
        let code = scope.code?;
        let mut entries = unit.attr_locations(*location).ok()??;
        scope.timelines.work(lists::places(unit, *location, scope.timelines.left()))?;
        while let Ok(Some(entry)) = entries.next() {
            scope.timelines.work(entry.data.0.len())?;
            let range = entry.range.begin..entry.range.end;
            let range = slice::from_ref(&range);
            scope.timelines.work(code.count(range) as usize)?;
            let ranges = code.ranges(range);
            if let Some(wasm) = Wasm::read(scope, unit, entry.data) {
                expressions(scope, &wasm, shape, ranges, &mut list)?;
            }
        }
    }
    let list = tidy(list);
    (!list.is_empty()).then_some(Place::List(list))
}

/// Where an expression holds, given where in the code it is asked for.
fn expressions(
    scope: &Scope<'_, '_, '_>,
    wasm: &Wasm,
    shape: Shape,
    ranges: impl IntoIterator<Item = Range<u32>>,
    list: &mut List,
) -> Option<()> {
    let code = scope.code?;
    let operands = wasm.operands();
    let instance = &scope.layout.program.instances[scope.instance];
    let timelines: Vec<_> =
        operands.iter().map(|operand| scope.timelines.get(*operand, code, scope.bodies, instance)).collect();
    let mut sources = Vec::with_capacity(timelines.len());
    // Those of the last expression.
    let mut last: Option<Vec<Source>> = None;
    for range in ranges {
        let mut start = range.start;
        while start < range.end {
            scope.timelines.work(1 + timelines.len())?;
            let mut end = range.end;
            sources.clear();
            for timeline in &timelines {
                let next = timeline.partition_point(|(range, _)| range.end <= start);
                match timeline.get(next) {
                    Some((range, source)) if range.start <= start => {
                        end = end.min(range.end);
                        sources.push(*source);
                    }
                    later => end = end.min(later.map_or(end, |(range, _)| range.start)),
                }
            }
            let is_known = sources.len() == timelines.len();
            match list.last_mut() {
                Some((range, _)) if is_known && range.end == start && last.as_ref() == Some(&sources) => {
                    range.end = end;
                }
                _ if is_known => {
                    if let Some(expression) = translate::native(wasm, scope, &sources, shape) {
                        scope.timelines.work(1 + expression.bytes.len())?;
                        list.push((start..end, expression));
                        last.get_or_insert_default().clone_from(&sources);
                    }
                }
                _ => {}
            }
            start = end;
        }
    }
    Some(())
}

/// What computes where a member of an object is, given its `DW_AT_data_member_location` or another attribute that begins
/// with the address of an object.
pub fn member<'a>(
    scope: &Scope<'_, '_, 'a>,
    unit: UnitRef<'_, Reader<'a>>,
    location: &Value<'a>,
) -> Option<Expression> {
    let AttributeValue::Exprloc(expression) = location else { return None };
    let wasm = Wasm::read(scope, unit, *expression)?;
    if wasm.operands().is_empty() { translate::member(&wasm, scope) } else { None }
}

/// Ascending, without overlaps, as few as possible.
fn tidy(mut list: List) -> List {
    list.sort_by_key(|(range, _)| range.start);
    let mut tidy: List = Vec::with_capacity(list.len());
    for (mut range, expression) in list {
        if let Some((last, same)) = tidy.last_mut() {
            range.start = range.start.max(last.end);
            if range.is_empty() {
                continue;
            }
            if last.end == range.start && *same == expression {
                last.end = range.end;
                continue;
            }
        }
        tidy.push((range, expression));
    }
    tidy
}
