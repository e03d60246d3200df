//! `wasi:io/error`: what went wrong with a stream.

use wasm_aot_abi::wasi2::ResourceKind;

use crate::component::slab::Slab;
use crate::component::{Caller, Resource};
use crate::line::Line;
use crate::sys::Errno;

/// `wasi:io/error.error`.
pub struct Error(pub Errno);

static ERRORS: Slab<Error> = Slab::empty();

impl Resource for Error {
    const KIND: ResourceKind = ResourceKind::Error;

    fn table() -> &'static Slab<Error> {
        &ERRORS
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_error_error_to_debug_string(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let Error(errno) = caller.borrow(this);
    let mut text = Line::<32>::new();
    text.text(b"os error ").number(errno.number() as usize, 10);
    caller.return_list(result, caller.new_string(text.bytes()));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_io_error_error_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<Error>(handle) {
        Error::remove(number);
    }
}
