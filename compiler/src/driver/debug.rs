//! What a build does with the debug information of its modules.

use super::report::Report;
use crate::debug::{DebugFile, Inputs};
use crate::program::Program;

/// The choices about debug information.
#[derive(Clone, Debug)]
pub struct DebugPlan {
    /// Whether the debug information that modules have is kept.
    pub keep: bool,
    /// Whether the user asked for it, and expects that there is some.
    pub requested: bool,
    /// Files to which modules refer, see `debug::referred`.
    pub files: Vec<DebugFile>,
}

impl Default for DebugPlan {
    fn default() -> DebugPlan {
        DebugPlan { keep: true, requested: false, files: Vec::new() }
    }
}

/// The debug information of a program's modules, as far as it is kept; what is wrong with it is a warning.
pub fn inputs<'a>(program: &Program<'a>, plan: &'a DebugPlan, report: &mut Report) -> Inputs<'a> {
    if !plan.keep {
        return Inputs::default();
    }
    let (inputs, warnings) = report.time("read debug information", || Inputs::read(program, &plan.files));
    if plan.requested && inputs.is_empty() && warnings.is_empty() {
        let none = "-g: the module has no debug information; compile it with -g, and don't strip it";
        report.warnings.push(none.to_owned());
    }
    report.warnings.extend(warnings);
    inputs
}
