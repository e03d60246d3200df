//! Cranelift's back end.

use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::OptLevel;
use cranelift_codegen::{CodegenResult, CompiledCode, Context};

use crate::optimise::{self, Passes};
use crate::targets::{DebugRegisters, FreeExtensions};
use crate::translate::Environment;

/// What a function takes, besides its CLIF, to become machine code.
pub struct Generator<'g> {
    pub isa: &'g dyn TargetIsa,
    pub passes: Passes,
    pub debug_registers: &'static DebugRegisters,
    pub free_extensions: FreeExtensions,
    /// Memory of the register allocator, used again from function to function.
    pub allocation: &'g mut regalloc2::Ctx,
}

impl<'g> Generator<'g> {
    pub fn new(
        env: &Environment<'_, '_>,
        isa: &'g dyn TargetIsa,
        passes: Passes,
        allocation: &'g mut regalloc2::Ctx,
    ) -> Generator<'g> {
        let Environment { debug_registers, free_extensions, .. } = *env;
        Generator { isa, passes, debug_registers, free_extensions, allocation }
    }

    /// Compiles what `optimise::before` has made.
    ///
    /// # Errors
    /// If Cranelift can't compile the function.
    pub fn compile(&mut self, context: &mut Context) -> CodegenResult<CompiledCode> {
        self.reduce(context)?;
        context.func.dfg.resolve_all_aliases();
        self.optimise(context)?;
        self.generate(context)
    }

    /// The first steps of `Context::optimize`, but for the control-flow graph and the dominators, which are known.
    ///
    /// # Errors
    /// If the function isn't valid, where that is verified.
    pub fn reduce(&self, context: &mut Context) -> CodegenResult<()> {
        context.verify_if(self.isa)?;
        context.eliminate_unreachable_code(self.isa)?;
        context.remove_constant_phis(self.isa)
    }

    /// Those that follow when all aliases have been resolved, and passes of our own.
    ///
    /// # Errors
    /// If the function isn't valid, where that is verified.
    pub fn optimise(&self, context: &mut Context) -> CodegenResult<()> {
        if self.isa.flags().opt_level() != OptLevel::None {
            context.egraph_pass(self.isa, &mut Default::default())?;
        }
        optimise::after(context, self.isa, self.passes, self.free_extensions)
    }

    /// Generates code from what has been optimised.
    ///
    /// # Errors
    /// If Cranelift can't compile the function.
    pub fn generate(&mut self, context: &Context) -> CodegenResult<CompiledCode> {
        let Context { func, domtree, want_disasm, .. } = context;
        let control = &mut Default::default();
        let stencil = self.isa.compile_function(func, domtree, self.allocation, *want_disasm, control)?;
        Ok(stencil.apply_params(&func.params))
    }
}
