//! WASI 0.3 (`wasi:cli/command@0.3.0`): the functions that the host provides to components, with their types, as far as
//! they are there.
//!
//! Most of those that aren't asynchronous are what functions of 0.2 are, which then implement them. A function of the
//! runtime implements each of the others, as in [`crate::wasi2`]; an asynchronous one has a second function, which takes
//! the parameters of a core function that was lowered asynchronously, and returns a state and a subtask.
//!
//! To add one, add a row here and the functions with its symbols to the runtime; a test compares the two.

mod cli;
mod clocks;
mod random;
#[cfg(test)]
mod tests;

use core::fmt;

use crate::wasi2;

/// What every version of an interface that we know has.
#[derive(Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name without the version.
    pub name: &'static str,
    pub functions: &'static [Function],
}

/// A function that the host provides.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// As in the binary format.
    pub name: &'static str,
    /// Its type, as in [`wasi2::Function`]; `async` stands before that of an asynchronous one.
    pub ty: &'static str,
    pub does: Does,
}

/// What implements a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// The function of 0.2 of this name, of the interface of this name.
    Same(&'static str, &'static str),
    /// A function of its own.
    Own,
}

/// How the type of an asynchronous function begins.
pub const ASYNC: &str = "async ";

const fn own(name: &'static str, ty: &'static str) -> Function {
    Function { name, ty, does: Does::Own }
}

/// A function that is another one of 0.2.
const fn same(name: &'static str, ty: &'static str, interface: &'static str, of: &'static str) -> Function {
    Function { name, ty, does: Does::Same(interface, of) }
}

impl Function {
    /// The interface and the function of 0.2 that implements it, if one does.
    pub fn same(&self) -> Option<(&'static wasi2::Interface, &'static wasi2::Function)> {
        let Does::Same(interface, name) = self.does else { return None };
        let interface = wasi2::find(interface)?;
        Some((interface, interface.function(name)?))
    }

    pub fn is_async(&self) -> bool {
        self.ty.starts_with(ASYNC)
    }
}

/// The interfaces of each package.
pub static PACKAGES: [&[Interface]; 3] = [&cli::INTERFACES, &clocks::INTERFACES, &random::INTERFACES];

/// The interface with this name, without its version.
pub fn find(name: &str) -> Option<&'static Interface> {
    PACKAGES.into_iter().flatten().find(|interface| interface.name == name)
}

impl Interface {
    /// The function of the interface with this name.
    pub fn function(&self, name: &str) -> Option<&'static Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// The symbol of the runtime's function for a function of its own: `wait-for` of `wasi:clocks/monotonic-clock` is
/// `wasm_aot_wasi3_clocks_monotonic_clock_wait_for`, and lowered asynchronously
/// `wasm_aot_wasi3_async_clocks_monotonic_clock_wait_for`.
#[derive(Clone, Copy)]
pub struct Symbol<'a> {
    pub interface: &'a str,
    pub function: &'a str,
    pub is_lowered_async: bool,
}

impl fmt::Display for Symbol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_lowered_async { "wasm_aot_wasi3_async_" } else { "wasm_aot_wasi3_" })?;
        wasi2::write_name(self.interface, self.function, f)
    }
}
