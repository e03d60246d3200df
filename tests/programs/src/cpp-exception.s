# The tag of C++ exceptions and of Rust panics, whose value is a pointer; wasm-ld does not make it.
	.tagtype __cpp_exception i32
	.globl __cpp_exception
__cpp_exception:
