//! The operators: each is a type in `op`, and its `Translate` implementation, which a family supplies in the table of
//! arms of its file (`operators!`), says what it becomes. Types and dispatch are generated from wasmparser's list, so
//! an operator that no family translates, or more than one, is a compile error, unless it is refused here.

use anyhow::{Result, bail};
use wasmparser::Operator;

use super::translator::Translator;

/// What an operator becomes.
#[diagnostic::on_unimplemented(
    message = "no family translates the operator `{Self}`",
    note = "add an arm to an `operators!` of a family, or refuse its proposal in `if_translated!`"
)]
pub trait Translate {
    /// Whether it opens, divides or ends a block, and so is also translated in unreachable code.
    const STRUCTURE: bool = false;
    /// Whether `Translator::unused_load` is still true after it.
    const KEEPS_LOAD: bool = false;

    fn translate(self, t: &mut Translator<'_, '_, '_>);
}

/// Operators that are refused: those of proposals whose features aren't in `features::SUPPORTED`, and those that no
/// valid module has. (They occur nevertheless if the validator was told to accept them.)
macro_rules! if_translated {
    (@acquire_release_atomics $op:ident $then:tt else { $($otherwise:tt)* }) => { $($otherwise)* };
    (@custom_descriptors $op:ident $then:tt else { $($otherwise:tt)* }) => { $($otherwise)* };
    (@memory_control $op:ident $then:tt else { $($otherwise:tt)* }) => { $($otherwise)* };
    (@shared_everything_threads $op:ident $then:tt else { $($otherwise:tt)* }) => { $($otherwise)* };
    (@stack_switching $op:ident $then:tt else { $($otherwise:tt)* }) => { $($otherwise)* };
    // A typed `select` of no or several values exists only in the encoding.
    (@reference_types TypedSelectMulti $then:tt else { $($otherwise:tt)* }) => { $($otherwise)* };
    (@$proposal:ident $op:ident { $($then:tt)* } else $otherwise:tt) => { $($then)* };
}

/// The operators that are translated, each a structure of its immediates.
pub mod op {
    macro_rules! define {
        ($(@$proposal:ident $op:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident $annotation:tt)*) => {
            $(if_translated! { @$proposal $op { structure! { $op $($($field: $ty),*)? } } else {} })*
        };
    }

    macro_rules! structure {
        // The only one that borrows from the module.
        (BrTable $field:ident: $ty:ty) => {
            pub struct BrTable<'a> {
                pub $field: wasmparser::BrTable<'a>,
            }
        };
        ($op:ident $($field:ident: $ty:ty),*) => {
            #[allow(dead_code, reason = "not every immediate is used")]
            pub struct $op {
                $(pub $field: $ty),*
            }
        };
    }

    wasmparser::for_each_operator!(define);
}

/// A table of operators and what each becomes, as in a `match`: `operators! { |t| Drop => _ = t.pop(), ... }`. `t` is the
/// translator.
///
/// - `operators! { structure |t| ... }`: also translated in unreachable code;
/// - `operators! { push |t| ... }`: an arm is a value, which is pushed;
/// - `operators! { vector |t| ... }`: like `push`, for vector operators;
/// - `operators! { vector_store |t| ... }`: for vector operators without a result.
macro_rules! operators {
    (|$t:ident| $($arms:tt)*) => {
        $crate::translate::operator::arms! { { structure = false, keeps_load = false } plain $t $($arms)* }
    };
    (structure |$t:ident| $($arms:tt)*) => {
        $crate::translate::operator::arms! { { structure = true, keeps_load = false } plain $t $($arms)* }
    };
    (push |$t:ident| $($arms:tt)*) => {
        $crate::translate::operator::arms! { { structure = false, keeps_load = false } push $t $($arms)* }
    };
    (vector |$t:ident| $($arms:tt)*) => {
        $crate::translate::operator::arms! { { structure = false, keeps_load = true } push_vector $t $($arms)* }
    };
    (vector_store |$t:ident| $($arms:tt)*) => {
        $crate::translate::operator::arms! { { structure = false, keeps_load = true } plain $t $($arms)* }
    };
}

/// The implementations of `Translate` for the arms of a table.
macro_rules! arms {
    (
        $constants:tt $result:ident $t:ident
        $($($op:ident $(<$lifetime:lifetime>)? $({ $($fields:tt)* })?)|+ => $body:expr),* $(,)?
    ) => {
        $($($crate::translate::operator::arms! {
            @one $constants $result $t [$op $(<$lifetime>)?] { $($($fields)*)? } $op $body
        })+)*
    };
    (
        @one { structure = $structure:literal, keeps_load = $keeps_load:literal } $result:ident $t:ident
        [$($ty:tt)*] { $($fields:tt)* } $op:ident $body:expr
    ) => {
        impl $crate::translate::operator::Translate for $crate::translate::operator::op::$($ty)* {
            const STRUCTURE: bool = $structure;
            const KEEPS_LOAD: bool = $keeps_load;

            #[allow(unused_variables, reason = "for operators that become nothing")]
            #[inline(never)]
            fn translate(self, $t: &mut $crate::translate::translator::Translator<'_, '_, '_>) {
                let $crate::translate::operator::op::$op { $($fields)* } = self;
                $crate::translate::operator::arms! { @result $result $t $body }
            }
        }
    };
    (@result plain $t:ident $body:expr) => {
        $body
    };
    (@result $push:ident $t:ident $body:expr) => {
        let value = $body;
        $t.$push(value)
    };
}

pub(crate) use {arms, operators};

impl Translator<'_, '_, '_> {
    /// Translates the operator at this offset in the module.
    ///
    /// # Errors
    /// If it is refused.
    #[allow(unused_variables, reason = "immediates of refused operators")]
    pub fn operator(&mut self, operator: Operator<'_>, offset: u64) -> Result<()> {
        self.charge_fuel(&operator);
        macro_rules! dispatch {
            ($(@$proposal:ident $op:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident $annotation:tt)*) => {
                match operator {
                    $(Operator::$op $({ $($field),* })? => if_translated! { @$proposal $op {
                        self.translate(op::$op { $($($field),*)? })
                    } else {
                        bail!("the operator {} at offset {offset:#x} isn't supported", stringify!($op))
                    } },)*
                    // The enum is non-exhaustive, but the list has all operators.
                    other => unreachable!("{other:?} isn't in wasmparser's list"),
                }
            };
        }
        wasmparser::for_each_operator!(dispatch);
        Ok(())
    }

    fn translate<O: Translate>(&mut self, operator: O) {
        let translated = self.reachable || O::STRUCTURE;
        if translated {
            operator.translate(self);
        }
        if !translated || !O::KEEPS_LOAD {
            // The operator may have kept the vector, as a local or for a branch.
            self.unused_load = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::WasmFeatures;

    use crate::parse::features;

    macro_rules! list {
        ($(@$proposal:ident $op:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident $annotation:tt)*) => {
            &[$((stringify!($proposal), stringify!($op), if_translated! { @$proposal $op { true } else { false } })),*]
        };
    }

    /// (proposal, name, whether it is translated) for all operators that wasmparser knows.
    const OPERATORS: &[(&str, &str, bool)] = wasmparser::for_each_operator!(list);

    #[test]
    fn what_is_refused_is_no_supported_feature() {
        assert!(OPERATORS.len() > 500, "wasmparser lists all of them");
        for (proposal, name, translated) in OPERATORS {
            let feature = match *proposal {
                "mvp" => None,
                "acquire_release_atomics" => WasmFeatures::from_name("SHARED_EVERYTHING_THREADS"),
                _ => Some(WasmFeatures::from_name(&proposal.to_uppercase()).expect(proposal)),
            };
            let supported = feature.is_none_or(|feature| features::SUPPORTED.contains(feature));
            assert!(*translated == supported || *name == "TypedSelectMulti", "{proposal}: {name}");
        }
    }
}
