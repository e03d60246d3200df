//! What the assembly of all instruction sets has in common.

/// Defines `Builtin::Throw`, `Builtin::ThrowRef` and `Builtin::GcThrow`: instructions that put every register that
/// callees keep on the stack, as `Registers` has them, and call `function` with the first argument as it is, the frame as the
/// second, and the address of the registers as the third.
macro_rules! entries {
    ($($instruction:literal,)*) => {
        entries! { "wasm_aot_throw", super::throw, $($instruction,)* }
        entries! { "wasm_aot_throw_ref", super::throw_ref, $($instruction,)* }
        #[cfg(not(target_os = "macos"))]
        entries! { "wasm_aot_gc_throw", crate::gc::throw, $($instruction,)* }
    };
    ($name:literal, $function:path, $($instruction:literal,)*) => {
        core::arch::global_asm!(
            function_section!($name),
            global!($name),
            define!($name),
            $($instruction,)*
            ".text",
            function = sym $function,
        );
    };
}

/// Defines `wasm_aot_resume`.
macro_rules! resume {
    ($($instruction:literal,)*) => {
        core::arch::global_asm!(
            function_section!("wasm_aot_resume"),
            global!("wasm_aot_resume"),
            define!("wasm_aot_resume"),
            $($instruction,)*
            ".text",
        );
    };
}
