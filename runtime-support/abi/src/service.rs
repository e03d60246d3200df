//! The functions of the runtime that the functions of a library's interface call: one table of symbols and types. See
//! `library`.

use crate::builtin::Passed::{self, I32, I64};
use crate::library;

/// Defines [`Service`]. A row has the symbol, whether the first parameter is the instance, all parameters and the result.
macro_rules! services {
    ($($(#[$doc:meta])* $name:ident: $symbol:path, $instance:literal, [$($param:ident),*] $(-> $result:ident)?;)*) => {
        /// A function of the runtime that a library's interface calls.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Service {
            $($(#[$doc])* $name,)*
        }

        impl Service {
            /// In the order of their discriminants.
            pub const ALL: &[Service] = &[$(Service::$name),*];

            /// The symbol.
            pub const fn symbol(self) -> &'static str {
                match self {
                    $(Service::$name => $symbol,)*
                }
            }

            /// Whether its first parameter is the instance.
            pub const fn takes_instance(self) -> bool {
                match self {
                    $(Service::$name => $instance,)*
                }
            }

            /// The parameters, the instance included.
            pub const fn params(self) -> &'static [Passed] {
                match self {
                    $(Service::$name => &[$($param),*],)*
                }
            }

            pub const fn result(self) -> Option<Passed> {
                match self {
                    $(Service::$name => result!($($result)?),)*
                }
            }
        }
    };
}

macro_rules! result {
    () => {
        None
    };
    ($result:ident) => {
        Some($result)
    };
}

services! {
    /// Calls a body in an instance.
    Enter: library::ENTER, true, [I64, I64, I64] -> I32;
    /// Calls a body that has the parameters of the function that jumps there.
    EnterDirect: library::ENTER_DIRECT, true, [];
    Instantiate: library::INSTANTIATE, true, [I64, I64] -> I32;
    New: library::NEW, false, [I64, I64] -> I32;
    Reset: library::RESET, true, [I64] -> I32;
    Delete: library::DELETE, true, [I64];
    ErrorMessage: library::MESSAGE, false, [I32] -> I64;
    Backtrace: library::BACKTRACE, true, [I64, I64, I64] -> I64;
    ExitCode: library::EXIT_CODE, true, [I64] -> I32;
    HandleSignal: library::HANDLE_SIGNAL, false, [I32, I64, I64] -> I32;
    HandleException: library::HANDLE_EXCEPTION, false, [I64] -> I32;
    /// Doesn't return.
    Trap: library::TRAP, true, [I64];
}
