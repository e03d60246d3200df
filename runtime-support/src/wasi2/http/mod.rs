//! `wasi:http/types`, as servers need it: the resources of the request that is being answered and of its response, on top
//! of `server::exchange`. Linked into servers only. Functions for requests of the component's own aren't here yet.

/// Defines the tables of resources.
macro_rules! tables {
    ($($table:ident: $resource:ident;)*) => {$(
        static $table: Slab<$resource> = Slab::empty();

        impl Resource for $resource {
            const KIND: ResourceKind = ResourceKind::$resource;

            fn table() -> &'static Slab<$resource> {
                &$table
            }
        }
    )*};
}

mod error;
mod fields;
mod incoming;
mod outgoing;
mod storage;

use wasm_aot_abi::trap::Trap;

use crate::component::resource::Resource;
use crate::component::{Caller, violation};
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

/// Gives the caller a `result<own<T>>`.
fn answer_handle(caller: &Caller, result: u32, handle: Option<u32>) {
    let fields = caller.fields(result, 8, 4);
    fields.u8(0, handle.is_none().into());
    if let Some(handle) = handle {
        fields.u32(4, handle);
    }
}

/// The number of a resource that a caller gives away, which is still in its table.
///
/// Traps if it has children: nobody else may get its number.
fn take_childless<T: Resource>(handle: u32, caller: &Caller, children: fn(&T) -> u32) -> Option<u32> {
    caller.check();
    let number = caller.take::<T>(handle)?;
    if children(T::at(number)) != 0 {
        violation(Trap::ResourceHasChildren);
    }
    Some(number)
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
