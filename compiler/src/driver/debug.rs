//! What a build does with the debug information of its modules.

use cranelift_codegen::ir::Endianness;
use cranelift_codegen::isa::TargetIsa;

use super::report::Report;
use crate::codegen::CompiledFunction;
use crate::debug::sections::Sections;
use crate::debug::{self, DebugFile, Generated, Inputs, Text};
use crate::layout::Layout;
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
    /// The text of the main module, as the source of functions of which nothing else is known.
    pub text: Option<Text>,
}

impl Default for DebugPlan {
    fn default() -> DebugPlan {
        DebugPlan { keep: true, requested: false, files: Vec::new(), text: None }
    }
}

/// DWARF for modules that have other debug information, as far as it is kept.
pub fn generate(program: &Program<'_>, plan: &DebugPlan, report: &mut Report) -> Generated {
    if !plan.keep {
        return Generated::default();
    }
    let (generated, warnings) = Generated::new(program, &plan.files, plan.text.as_ref());
    report.warnings.extend(warnings);
    generated
}

/// The debug information of a program's modules, as far as it is kept; what is wrong with it is a warning.
pub fn inputs<'a>(
    program: &Program<'a>,
    plan: &'a DebugPlan,
    generated: &'a Generated,
    report: &mut Report,
) -> Inputs<'a> {
    if !plan.keep {
        return Inputs::default();
    }
    let (inputs, warnings) =
        report.time("read debug information", || Inputs::read(program, &plan.files, generated));
    if plan.requested && inputs.is_empty() && warnings.is_empty() {
        let none = "-g: the module has no debug information; compile it with -g, and don't strip it";
        report.warnings.push(none.to_owned());
    }
    report.warnings.extend(warnings);
    inputs
}

/// The native debug sections of a program.
pub fn native<'a>(
    layout: &Layout<'_, 'a>,
    inputs: &Inputs<'a>,
    functions: &[CompiledFunction],
    isa: &dyn TargetIsa,
    report: &mut Report,
) -> Sections {
    let big_endian = isa.endianness() == Endianness::Big;
    let (sections, warnings) =
        report.time("convert debug information", || debug::native(layout, inputs, functions, big_endian));
    report.warnings.extend(warnings);
    sections
}
