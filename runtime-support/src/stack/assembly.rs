//! What the assembly of all instruction sets has in common.

/// Defines a function that compiled code calls to throw an exception: the instructions put every register that callees
/// keep on the stack, as `wasm_aot_abi::exception::Registers`, and call `function` with the first argument as it is, the
/// frame as the second, and the address of the registers as the third.
macro_rules! entry_point {
    ($name:literal, $function:path, $($instruction:expr,)*) => {
        core::arch::global_asm!(
            function_section!($name),
            global!($name),
            define!($name),
            unwind!("startproc"),
            $($instruction,)*
            unwind!("endproc"),
            ".text",
            function = sym $function,
        );
    };
}

/// Defines `wasm_aot_resume`, see `resume`.
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
