//! The code that a signal handler returns to.
//!
//! Debuggers know it by its instructions, by a name of a C library, or, as here, by its unwind table, which says where the
//! registers of the interrupted code are.

/// Defines it, where the program brings it.
#[cfg(any(target_arch = "s390x", target_arch = "x86_64"))]
macro_rules! restorer {
    ($($instruction:expr),* $(,)?) => {
        core::arch::global_asm!($($instruction),*);

        unsafe extern "C" {
            fn wasm_aot_sigreturn();
        }

        /// Type of `sa_restorer`.
        pub type Restorer = usize;

        /// None.
        #[cfg(feature = "libraries")]
        pub const NO_RESTORER: Restorer = 0;

        pub fn restorer() -> Restorer {
            wasm_aot_sigreturn as *const () as usize
        }
    };
}
