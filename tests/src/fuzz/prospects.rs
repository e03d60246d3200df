//! How much a module is likely to do before it traps. wasm-smith's modules often can't be instantiated, since a segment
//! doesn't fit or an array is too long, and most of their functions soon come to an `unreachable`.

use wasmparser::{
    BinaryReaderError, ConstExpr, DataKind, ElementItems, ElementKind, Operator, Parser, Payload, TableInit,
};

use super::references::is_collected;

/// The number of elements of the longest array that a constant expression may allocate.
const LONGEST: u32 = 1 << 16;

/// The number of operators on objects that the functions of the module execute before they end; none if it
/// can't be instantiated.
pub fn prospects(wasm: &[u8]) -> Option<usize> {
    prospects_of(wasm).expect("wasm-smith's modules are valid")
}

fn prospects_of(wasm: &[u8]) -> Result<Option<usize>, BinaryReaderError> {
    let (mut tables, mut memories) = (Vec::new(), Vec::new());
    let (mut fits, mut operators) = (true, 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TableSection(section) => {
                for table in section {
                    let table = table?;
                    tables.push(table.ty.initial);
                    if let TableInit::Expr(expr) = table.init {
                        fits &= is_short(&expr)?;
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    memories.push(memory.initial << memory.page_size_log2.unwrap_or(16));
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    fits &= is_short(&global?.init_expr)?;
                }
            }
            Payload::ElementSection(section) => {
                for segment in section {
                    let segment = segment?;
                    let count = match &segment.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => {
                            for item in items.clone() {
                                fits &= is_short(&item?)?;
                            }
                            items.count()
                        }
                    };
                    if let ElementKind::Active { table_index, offset_expr } = segment.kind {
                        fits &=
                            is_within(&offset_expr, count.into(), tables[table_index.unwrap_or(0) as usize])?;
                    }
                }
            }
            Payload::DataSection(section) => {
                for segment in section {
                    let segment = segment?;
                    if let DataKind::Active { memory_index, offset_expr } = segment.kind {
                        let bytes = segment.data.len() as u64;
                        fits &= is_within(&offset_expr, bytes, memories[memory_index as usize])?;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => operators += before_the_end(body.get_operators_reader()?)?,
            _ => {}
        }
    }
    Ok(fits.then_some(operators))
}

/// Whether all arrays that a constant expression allocates are short.
fn is_short(expr: &ConstExpr<'_>) -> Result<bool, BinaryReaderError> {
    let operators: Vec<_> = expr.get_operators_reader().into_iter().collect::<Result<_, _>>()?;
    Ok(operators.windows(2).all(|pair| match pair {
        [before, Operator::ArrayNew { .. } | Operator::ArrayNewDefault { .. }] => {
            matches!(before, Operator::I32Const { value } if (*value as u32) < LONGEST)
        }
        _ => true,
    }))
}

/// Whether a segment fits into its memory or table. Nothing is known about offsets that aren't constants.
fn is_within(offset: &ConstExpr<'_>, count: u64, limit: u64) -> Result<bool, BinaryReaderError> {
    let offset = match offset.get_operators_reader().read()? {
        Operator::I32Const { value } => u64::from(value as u32),
        Operator::I64Const { value } => value as u64,
        _ => return Ok(true),
    };
    Ok(offset.checked_add(count).is_some_and(|end| end <= limit))
}

/// Operators on objects before the first `unreachable` that isn't in a block.
fn before_the_end(mut reader: wasmparser::OperatorsReader<'_>) -> Result<usize, BinaryReaderError> {
    let (mut depth, mut count) = (0, 0);
    while !reader.eof() {
        let operator = reader.read()?;
        match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. } => depth += 1,
            Operator::End => depth -= 1,
            Operator::Unreachable if depth <= 0 => break,
            _ => count += usize::from(is_collected(&operator)),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<usize> {
        prospects(&wat::parse_str(format!("(module (type $a (array (mut i32))) {text})")).unwrap())
    }

    #[test]
    fn what_is_before_the_end_counts() {
        let fresh = "(drop (array.new_default $a (i32.const 1)))";
        assert_eq!(of(&format!("(func {fresh} {fresh} (block (unreachable)) unreachable {fresh})")), Some(2));
    }

    #[test]
    fn what_cannot_be_instantiated_has_none() {
        assert_eq!(of("(table 3 funcref) (elem (i32.const 2) func $f) (func $f)"), Some(0));
        assert_eq!(of("(table 3 funcref) (elem (i32.const 3) func $f) (func $f)"), None);
        assert_eq!(of("(memory 1) (data (i32.const 65534) \"abc\")"), None);
        assert_eq!(of("(global (ref $a) (array.new_default $a (i32.const 100000)))"), None);
    }
}
