//! `wasi:http/types`, as servers need it: the resources of the request that is being answered and of its response, on top
//! of `server::exchange`. Linked into servers only. Functions for requests of the component's own aren't here yet.

mod error;
mod fields;
mod incoming;
mod outgoing;
mod storage;

use crate::component::Caller;
use crate::component::resource::Resource;
use incoming::IncomingRequest;
use outgoing::ResponseOutparam;

/// `wasm_aot_abi::server::LOWER`: the arguments of `handle`.
///
/// # Safety
/// There is room for the core arguments at `arguments`, and compiled code passes `callee`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_server_lower(arguments: *mut u64, callee: &Caller) {
    let handles = [callee.own(IncomingRequest::new()), callee.own(ResponseOutparam)];
    for (index, handle) in handles.into_iter().enumerate() {
        // SAFETY: the caller promises it.
        unsafe { arguments.add(index).write(handle.into()) };
    }
}

/// Forgets all resources, when nothing refers to them.
pub fn reset() {
    fields::Fields::table().clear();
    IncomingRequest::table().clear();
    incoming::IncomingBody::table().clear();
    incoming::FutureTrailers::table().clear();
    ResponseOutparam::table().clear();
    outgoing::OutgoingResponse::table().clear();
    outgoing::OutgoingBody::table().clear();
    outgoing::reset();
    storage::reset();
}
