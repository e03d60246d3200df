//! CLIF to CLIF, before and after Cranelift's own optimisations. Each pass is a file or a folder, and can be switched off by name:
//! `-C no-carry`.

mod branches;
mod carry;
mod edge;
mod extend;
mod hoist;
mod induction;
mod latch;
mod mask;
mod memo;
mod order;
mod pure;
mod slot;
mod widths;

use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CodegenResult, Context};

use crate::targets::FreeExtensions;

/// The passes, by the names that `-C` takes, and whether they run by default.
macro_rules! passes {
    ($($(#[$what:meta])* $name:ident = $default:literal,)+) => {
        /// The passes that a build runs, if its back end optimises at all.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Passes {
            $($(#[$what])* pub $name: bool,)+
        }

        impl Passes {
            /// What `-C` takes.
            pub const SWITCHES: &[&str] = &[$(stringify!($name), concat!("no-", stringify!($name)),)+];

            /// Obeys one of `SWITCHES`.
            pub fn switch(&mut self, switch: &str) {
                match switch {
                    $(
                        stringify!($name) => self.$name = true,
                        concat!("no-", stringify!($name)) => self.$name = false,
                    )+
                    _ => unreachable!("no switch of a pass: {switch}"),
                }
            }
        }

        impl Default for Passes {
            fn default() -> Passes {
                Passes { $($name: $default,)+ }
            }
        }
    };
}

passes! {
    /// See `facts::Inlining`: decided before translation.
    inline = false,
    /// See `facts::Element`: done by translation.
    devirtualise = false,
    /// See `carry`.
    carry = true,
    /// See `induction`.
    induction = true,
    /// Programs check what `induction` does: for tests.
    checked = false,
    /// See `mask`.
    mask = true,
    /// See `codegen::line`.
    line = true,
    /// See `extend`.
    extend = true,
    /// See `hoist`; for libraries.
    hoist = true,
    /// See `order`; for libraries.
    order = true,
    /// See `latch`.
    latch = true,
}

impl Passes {
    /// Those of these that run for a program, or for a library.
    pub fn of(self, is_library: bool) -> Passes {
        if is_library { self } else { Passes { hoist: false, order: false, ..self } }
    }
}

/// Improves a function that has just been translated, unless the back end isn't to optimise either. `memory`: the most bytes that a
/// memory with indices of 32 bits has, if all of these have guard regions. Afterwards the control-flow graph and the dominators are
/// those of the function: no pass changes where branches lead.
pub fn before(context: &mut Context, isa: &dyn TargetIsa, passes: Passes, memory: Option<u64>) {
    context.flowgraph();
    if isa.flags().opt_level() == OptLevel::None {
        return;
    }
    if passes.carry {
        carry::run(&mut context.func, &context.cfg, &context.domtree);
    }
    if passes.induction
        && let Some(memory) = memory
    {
        induction::run(context, memory, passes.checked);
    }
    if passes.mask {
        mask::drop_masks(&mut context.func, &context.cfg);
    }
}

/// Improves a function that Cranelift has optimised, unless it was told not to.
///
/// # Errors
/// If the result isn't valid, where that is verified.
pub fn after(
    context: &mut Context,
    isa: &dyn TargetIsa,
    passes: Passes,
    free: FreeExtensions,
) -> CodegenResult<()> {
    if isa.flags().opt_level() == OptLevel::None {
        return Ok(());
    }
    // No pass changes where branches lead.
    context.compute_loop_analysis();
    if passes.extend {
        extend::extend(context, isa, free)?;
    }
    rearrange(context, passes);
    context.verify_if(isa)
}

/// `context`: one whose loops are known.
fn rearrange(context: &mut Context, passes: Passes) {
    if passes.hoist {
        hoist::hoist(context);
    }
    if passes.order {
        order::order(&mut context.func);
    }
    if passes.latch {
        latch::latch(context);
    }
}

#[cfg(test)]
mod evaluate;
#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches() {
        let changes = |switch: &str| {
            let mut passes = Passes::default();
            passes.switch(switch);
            passes != Passes::default()
        };
        for switch in Passes::SWITCHES.iter().filter(|switch| !switch.starts_with("no-")) {
            assert_ne!(changes(switch), changes(&format!("no-{switch}")), "{switch}");
        }
    }
}
