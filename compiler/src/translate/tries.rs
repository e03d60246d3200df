//! What each `try` of a function catches, read before the function is translated: a legacy `try` has its clauses
//! after its body, but the calls in the body must know them.

use wasmparser::{BinaryReader, Operator, OperatorsReader};

/// What a `try` catches.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Try {
    pub clauses: Vec<Clause>,
    /// The depth, counted from outside the `try`, of the frame whose handlers get its exceptions.
    pub delegate: Option<u32>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Clause {
    /// The tag, or none for all exceptions.
    pub tag: Option<u32>,
    /// Whether a `rethrow` refers to the clause.
    pub rethrown: bool,
}

/// What the `try`s of a function catch, in the order of the `try`s.
pub fn scan(body: BinaryReader<'_>) -> std::vec::IntoIter<Try> {
    let valid = "validated: the body can be read";
    let mut tries: Vec<Try> = Vec::new();
    // Open blocks; a `try` with its number.
    let mut open: Vec<Option<usize>> = vec![None];
    let mut operators = OperatorsReader::new(body);
    while !operators.eof() {
        let op = operators.read().expect(valid);
        let current = open.last().copied().flatten();
        let mut clause = |tag| {
            let current = current.expect("validated: a clause belongs to a `try`");
            tries[current].clauses.push(Clause { tag, rethrown: false });
        };
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(None),
            Operator::TryTable { .. } => open.push(None),
            Operator::Try { .. } => {
                open.push(Some(tries.len()));
                tries.push(Try::default());
            }
            Operator::Catch { tag_index } => clause(Some(tag_index)),
            Operator::CatchAll => clause(None),
            Operator::Rethrow { relative_depth } => {
                let frame = open[open.len() - 1 - relative_depth as usize];
                let clause = frame.and_then(|number| tries[number].clauses.last_mut());
                clause.expect("validated: `rethrow` is inside a clause").rethrown = true;
            }
            Operator::Delegate { relative_depth } => {
                tries[current.expect("validated: `delegate` ends a `try`")].delegate = Some(relative_depth);
                open.pop();
            }
            Operator::End => _ = open.pop(),
            _ => {}
        }
    }
    tries.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scan_finds_clauses_delegates_and_rethrows() {
        let wasm = wat::parse_str(
            "(module (tag $a) (func
               try try delegate 0
               catch $a
               catch_all (block (rethrow 1)) end))",
        )
        .unwrap();
        let module = crate::parse::parse(&wasm, crate::parse::features::SUPPORTED).unwrap();
        let body = &module.defined.values().next().unwrap().body;
        let mut locals = body.get_locals_reader().unwrap();
        for _ in 0..locals.get_count() {
            locals.read().unwrap();
        }
        let clause = |tag, rethrown| Clause { tag, rethrown };
        let expected = vec![
            Try { clauses: vec![clause(Some(0), false), clause(None, true)], delegate: None },
            Try { clauses: Vec::new(), delegate: Some(0) },
        ];
        assert_eq!(scan(locals.get_binary_reader()).collect::<Vec<_>>(), expected);
    }
}
