//! Compares what a program printed with what the oracle printed.

use wasmparser::{AbstractHeapType, HeapType, ValType};

use super::script::Step;

/// The result of a comparison without a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The number of function calls that were compared.
    pub calls: usize,
    /// The number of these calls that trapped.
    pub trapped: usize,
    /// The number of steps of all kinds, and of memories.
    pub compared: usize,
    /// The module traps when it is instantiated.
    pub not_instantiated: bool,
    /// Only one side ran out of stack: their frames differ in size. What follows is meaningless.
    pub inconclusive: bool,
    /// Both ran out of stack, but not at the same depth. What follows is meaningless.
    pub exhausted: bool,
    /// One side exhausted its garbage-collected heap: they differ in how much they need. What follows is
    /// meaningless.
    pub heap_exhausted: bool,
}

const EXHAUSTED: &str = "call stack exhausted";
const HEAP_EXHAUSTED: &str = "garbage-collected heap exhausted";
const OUT_OF_BOUNDS: &str = "out of bounds memory access";

/// Compares the lines for the steps, and for the memories after them.
///
/// # Errors
/// Describes the first difference.
pub fn compare(steps: &[Step], native: &[String], oracle: &[String]) -> Result<Agreement, String> {
    let mut agreement = Agreement::default();
    for (number, step) in steps.iter().enumerate() {
        let (native, oracle) = (line(native, number)?, line(oracle, number)?);
        let differ = || Err(format!("step {number}: the program says `{native}`, wasmtime `{oracle}`"));
        let (ours, theirs) = (outcome(native, step.results()), outcome(oracle, step.results()));
        agreement.calls += usize::from(step.is_call());
        agreement.compared += 1;
        match (&ours, &theirs) {
            (Some(Outcome::Trap(EXHAUSTED)), Some(Outcome::Trap(EXHAUSTED))) => {
                agreement.trapped += usize::from(step.is_call());
                agreement.exhausted = true;
                return Ok(agreement);
            }
            (Some(Outcome::Trap(EXHAUSTED)), Some(_)) | (Some(_), Some(Outcome::Trap(EXHAUSTED))) => {
                agreement.inconclusive = true;
                return Ok(agreement);
            }
            (Some(Outcome::Trap(HEAP_EXHAUSTED)), Some(_))
            | (Some(_), Some(Outcome::Trap(HEAP_EXHAUSTED))) => {
                agreement.heap_exhausted = true;
                return Ok(agreement);
            }
            (Some(ours), Some(theirs)) if ours == theirs => {}
            // An atomic access may be both; wasmtime looks at the alignment first, but not if the address
            // exceeds the index space. (`spec::bounds` looks at the one and the other.)
            (Some(Outcome::Trap("unaligned atomic")), Some(Outcome::Trap(OUT_OF_BOUNDS))) => {}
            _ => return differ(),
        }
        if let Some(Outcome::Trap(_)) = ours {
            if let Step::Instantiate = step {
                // There is no instance to continue with.
                agreement.not_instantiated = true;
                return Ok(agreement);
            }
            agreement.trapped += usize::from(step.is_call());
        }
    }
    let (native, oracle) = (&native[steps.len()..], &oracle[steps.len()..]);
    if native != oracle {
        return Err(format!("memory in the end: the program says {native:?}, wasmtime {oracle:?}"));
    }
    agreement.compared += native.len();
    Ok(agreement)
}

fn line(lines: &[String], number: usize) -> Result<&str, String> {
    let line = lines.get(number).ok_or_else(|| format!("step {number}: the output ends early"))?;
    let text = line.strip_prefix(&format!("{number} "));
    text.ok_or_else(|| format!("step {number}: unexpected output: {line}"))
}

#[derive(PartialEq, Eq)]
enum Outcome<'a> {
    Values(Vec<u64>),
    Trap(&'a str),
}

/// The meaning of a line. References are reduced to whether they are null, and to the value of an i31; traps that
/// wasmtime doesn't distinguish are treated as equal.
fn outcome<'a>(line: &'a str, types: &[ValType]) -> Option<Outcome<'a>> {
    if let Some(trap) = line.strip_prefix("trap ") {
        return Some(Outcome::Trap(match trap {
            "undefined element" => "out of bounds table access",
            "null function reference"
            | "null exception reference"
            | "null structure reference"
            | "null array reference"
            | "null i31 reference" => "null reference",
            other => other,
        }));
    }
    let words: Option<Vec<u64>> = line
        .strip_prefix("ok")?
        .split_ascii_whitespace()
        .map(|word| u64::from_str_radix(word, 16).ok())
        .collect();
    let mut words = words?;
    let mut rest = &mut words[..];
    for ty in types {
        let (value, after) = rest.split_at_mut_checked(if *ty == ValType::V128 { 2 } else { 1 })?;
        if ty.is_reference_type() && !(may_be_i31(*ty) && value[0] & 1 != 0) {
            value[0] = if value[0] == 0 { 0 } else { 2 };
        }
        rest = after;
    }
    rest.is_empty().then_some(Outcome::Values(words))
}

/// Whether a value of this type may be an i31, which has the lowest bit set, and its value above that.
fn may_be_i31(ty: ValType) -> bool {
    use AbstractHeapType::{Any, Eq, I31};
    let ValType::Ref(ty) = ty else { return false };
    matches!(ty.heap_type(), HeapType::Abstract { ty: Any | Eq | I31, .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn steps() -> Vec<Step> {
        let results = vec![ValType::I32, ValType::FUNCREF];
        vec![Step::Instantiate, Step::Call { export: 0, params: Vec::new(), arguments: Vec::new(), results }]
    }

    #[test]
    fn values_nullness_and_memories_are_compared() {
        let native = lines("0 ok\n1 ok 00000007 0000beef\nmemory 0 0 0");
        assert!(compare(&steps(), &native, &lines("0 ok\n1 ok 7 1\nmemory 0 0 0")).is_ok());
        assert!(compare(&steps(), &native, &lines("0 ok\n1 ok 7 0\nmemory 0 0 0")).is_err());
        assert!(compare(&steps(), &native, &lines("0 ok\n1 ok 8 1\nmemory 0 0 0")).is_err());
        assert!(compare(&steps(), &native, &lines("0 ok\n1 ok 7 1\nmemory 0 0 1")).is_err());
        assert!(compare(&steps(), &native, &lines("0 ok")).is_err());
    }

    #[test]
    fn of_an_i31_the_value_is_compared() {
        let any = ValType::Ref(wasmparser::RefType::ANYREF);
        let steps = [Step::Call { export: 0, params: Vec::new(), arguments: Vec::new(), results: vec![any] }];
        assert!(compare(&steps, &lines("0 ok 7"), &lines("0 ok 7")).is_ok());
        assert!(compare(&steps, &lines("0 ok 10000010"), &lines("0 ok 2")).is_ok());
        assert!(compare(&steps, &lines("0 ok 7"), &lines("0 ok 5")).is_err());
        assert!(compare(&steps, &lines("0 ok 7"), &lines("0 ok 2")).is_err());
        assert!(compare(&steps, &lines("0 ok 0"), &lines("0 ok 2")).is_err());
    }

    #[test]
    fn a_vector_is_two_words() {
        let results = vec![ValType::V128, ValType::I32];
        let steps =
            [Step::Instantiate, Step::Call { export: 0, params: Vec::new(), arguments: Vec::new(), results }];
        let native = lines("0 ok\n1 ok 1 2 3");
        assert!(compare(&steps, &native, &lines("0 ok\n1 ok 1 2 3")).is_ok());
        assert!(compare(&steps, &native, &lines("0 ok\n1 ok 1 7 3")).is_err());
        assert!(compare(&steps, &native, &lines("0 ok\n1 ok 1 3")).is_err());
    }

    #[test]
    fn traps_are_compared_by_kind() {
        let native = lines("0 ok\n1 trap undefined element");
        let agreement =
            compare(&steps(), &native, &lines("0 ok\n1 trap out of bounds table access")).unwrap();
        assert_eq!((agreement.calls, agreement.trapped), (1, 1));
        assert!(compare(&steps(), &native, &lines("0 ok\n1 trap unreachable")).is_err());
        assert!(
            compare(&steps(), &native, &lines("0 ok\n1 trap call stack exhausted")).unwrap().inconclusive
        );
    }
}
