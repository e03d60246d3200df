//! CLIF to CLIF, between translation and Cranelift's own optimisations. Each pass is a file, and can be switched off by
//! name: `-C no-carry`. For libraries alone there are `mask`, and `hoist` and `order`, which come after Cranelift.

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

/// The passes that a build runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// See `carry`.
    pub carry: bool,
}

impl Passes {
    /// What `-C` takes.
    pub const SWITCHES: [&str; 2] = ["carry", "no-carry"];

    /// Obeys one of `SWITCHES`.
    pub fn switch(&mut self, switch: &str) {
        match switch {
            "carry" => self.carry = true,
            "no-carry" => self.carry = false,
            _ => unreachable!("no switch of a pass: {switch}"),
        }
    }
}

impl Default for Passes {
    fn default() -> Passes {
        Passes { carry: true }
    }
}

/// Improves a function that has just been translated, unless the back end isn't to optimise either.
pub fn run(context: &mut Context, isa: &dyn TargetIsa, passes: Passes, is_library: bool) {
    if isa.flags().opt_level() == OptLevel::None {
        return;
    }
    if passes.carry {
        carry::run(&mut context.func, &mut context.cfg, &mut context.domtree);
    }
    if is_library {
        mask::drop_masks(&mut context.func);
    }
}

/// Improves a function of a library that Cranelift has optimised, unless it was told not to.
///
/// # Errors
/// If the result isn't valid, where that is verified.
pub fn rearrange(context: &mut Context, isa: &dyn TargetIsa) -> CodegenResult<()> {
    if isa.flags().opt_level() != OptLevel::None {
        rearrange_always(context);
    }
    context.verify_if(isa)
}

fn rearrange_always(context: &mut Context) {
    context.compute_loop_analysis();
    hoist::hoist(context);
    order::order(&mut context.func);
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
            assert_eq!(passes.carry, !switch.starts_with("no-"), "{switch}");
        }
    }
}
