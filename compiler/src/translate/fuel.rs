//! `--fuel`: a budget of instructions. The remaining fuel is in `Symbol::Fuel`, and inside a function in a
//! variable, which is stored before control leaves the function and reloaded when control comes back.
//!
//! The cost of instructions is subtracted once for each stretch of code without branches, and the remainder
//! is compared with 0 at the start of a function and at the start of each loop iteration: so no code runs for
//! long without a check, and the place where a program stops depends on the program alone. Costs and places
//! are chosen as in wasmtime.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use wasm_aot_abi::trap::Trap;
use wasmparser::Operator;

use super::environment::{trap_code, trusted};
use super::translator::{Fuel, Region, Translator};
use crate::layout::Symbol;

/// Operators that become no code, or very little.
fn is_free(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(op, Nop | Drop | Block { .. } | Loop { .. } | Unreachable | Return | Else | End)
}

/// Whether a stretch of code ends before this operator.
fn ends_stretch(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        Loop { .. }
            | If { .. }
            | Else
            | End
            | Br { .. }
            | BrIf { .. }
            | BrTable { .. }
            | BrOnNull { .. }
            | BrOnNonNull { .. }
            | Return
            | Unreachable
            | Call { .. }
            | CallIndirect { .. }
            | CallRef { .. }
            | ReturnCall { .. }
            | ReturnCallIndirect { .. }
            | ReturnCallRef { .. }
            | TryTable { .. }
            | Throw { .. }
            | ThrowRef
            | Try { .. }
            | Catch { .. }
            | CatchAll
            | Delegate { .. }
            | Rethrow { .. }
    )
}

impl Translator<'_, '_, '_> {
    /// Starts to count, at the start of a function. The call itself costs something, too.
    pub fn start_fuel(&mut self) {
        if self.env.layout.options.fuel.is_some() {
            let left = self.builder.declare_var(types::I64);
            self.fuel = Some(Fuel { left, pending: 1 });
            self.load_fuel();
            self.check_fuel();
        }
    }

    /// Counts an operator that is about to be translated.
    pub fn charge_fuel(&mut self, op: &Operator<'_>) {
        let Some(fuel) = &mut self.fuel else { return };
        if !self.reachable {
            return;
        }
        fuel.pending += i64::from(!is_free(op));
        if !ends_stretch(op) || fuel.pending == 0 {
            return;
        }
        let (variable, cost) = (fuel.left, std::mem::take(&mut fuel.pending));
        let left = self.builder.use_var(variable);
        let left = self.builder.ins().iadd_imm_s(left, -cost);
        self.builder.def_var(variable, left);
    }

    /// Traps if no fuel is left.
    pub fn check_fuel(&mut self) {
        let Some(fuel) = &self.fuel else { return };
        let left = self.builder.use_var(fuel.left);
        let empty = self.builder.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, left, 0);
        self.builder.ins().trapnz(empty, trap_code(Trap::OutOfFuel));
    }

    /// Stores the remaining fuel, before control leaves the function.
    pub fn store_fuel(&mut self) {
        let Some(fuel) = &self.fuel else { return };
        let left = self.builder.use_var(fuel.left);
        let address = self.symbol(Symbol::Fuel);
        let flags = self.in_region(trusted(), Region::Fuel);
        self.builder.ins().store(flags, left, address, 0);
    }

    /// Loads the remaining fuel, where control enters the function.
    pub fn load_fuel(&mut self) {
        let Some(fuel) = &self.fuel else { return };
        let variable = fuel.left;
        let address = self.symbol(Symbol::Fuel);
        let flags = self.in_region(trusted(), Region::Fuel);
        let left = self.builder.ins().load(types::I64, flags, address, 0);
        self.builder.def_var(variable, left);
    }
}
