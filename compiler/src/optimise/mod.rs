//! CLIF to CLIF, before and after Cranelift's own optimisations. Each pass is a file, and can be switched off by name:
//! `-C no-carry`.

mod carry;
mod edge;
mod hoist;
mod mask;
mod order;
mod pure;
mod slot;

use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CodegenResult, Context};

/// The passes, by the names that `-C` takes.
macro_rules! passes {
    ($($(#[$what:meta])* $name:ident,)+) => {
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
                Passes { $($name: true,)+ }
            }
        }
    };
}

passes! {
    /// See `facts::Inlining`: decided before translation.
    inline,
    /// See `facts::Element`: done by translation.
    devirtualise,
    /// See `carry`.
    carry,
    /// See `mask`; for libraries.
    mask,
    /// See `hoist`; for libraries.
    hoist,
    /// See `order`; for libraries.
    order,
}

impl Passes {
    /// Those of these that run for a program, or for a library.
    pub fn of(self, is_library: bool) -> Passes {
        if is_library { self } else { Passes { mask: false, hoist: false, order: false, ..self } }
    }
}

/// Improves a function that has just been translated, unless the back end isn't to optimise either.
pub fn before(context: &mut Context, isa: &dyn TargetIsa, passes: Passes) {
    if isa.flags().opt_level() == OptLevel::None {
        return;
    }
    if passes.carry {
        carry::run(&mut context.func, &mut context.cfg, &mut context.domtree);
    }
    if passes.mask {
        mask::drop_masks(&mut context.func);
    }
}

/// Improves a function that Cranelift has optimised, unless it was told not to.
///
/// # Errors
/// If the result isn't valid, where that is verified.
pub fn after(context: &mut Context, isa: &dyn TargetIsa, passes: Passes) -> CodegenResult<()> {
    if isa.flags().opt_level() == OptLevel::None {
        return Ok(());
    }
    rearrange(context, passes);
    context.verify_if(isa)
}

fn rearrange(context: &mut Context, passes: Passes) {
    if passes.hoist {
        hoist::hoist(context);
    }
    if passes.order {
        order::order(&mut context.func);
    }
}

#[cfg(test)]
mod library_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches() {
        let mut passes = Passes::default();
        for switch in Passes::SWITCHES {
            passes.switch(switch);
            assert_eq!(passes == Passes::default(), !switch.starts_with("no-"), "{switch}");
            passes = Passes::default();
        }
    }
}
