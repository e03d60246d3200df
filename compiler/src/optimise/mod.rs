//! CLIF to CLIF, between translation and Cranelift's own optimisations. Each pass is a file, and can be switched off by
//! name: `-C no-carry`.

mod carry;
mod edge;
mod slot;

use cranelift_codegen::Context;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;

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
pub fn run(context: &mut Context, isa: &dyn TargetIsa, passes: Passes) {
    if passes.carry && isa.flags().opt_level() != OptLevel::None {
        carry::run(&mut context.func, &mut context.cfg, &mut context.domtree);
    }
}

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
