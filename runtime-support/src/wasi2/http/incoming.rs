//! The request: `incoming-request`, `incoming-body` and its stream, `future-trailers`.

use core::cell::Cell;

use wasm_aot_abi::http::head::Head;
use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::error::{self, ErrorCode};
use super::fields::Fields;
use super::{answer_handle, take_childless};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::server::body::Progress;
use crate::server::exchange;
use crate::wasi2::io::poll::{Event, Pollable};
use crate::wasi2::io::streams::{InputStream, Source, StreamError};

/// `wasi:http/types.incoming-request`: what it is about is in `exchange`.
pub struct IncomingRequest {
    is_consumed: Cell<bool>,
}

/// `wasi:http/types.incoming-body`.
pub struct IncomingBody {
    /// Its stream, if that has been taken.
    has_stream: Cell<bool>,
    /// Streams that are still there.
    children: Cell<u32>,
}

/// `wasi:http/types.future-trailers`.
pub struct FutureTrailers {
    is_taken: Cell<bool>,
    children: Cell<u32>,
}

tables! {
    REQUESTS: IncomingRequest;
    BODIES: IncomingBody;
    TRAILERS: FutureTrailers;
}

impl IncomingRequest {
    pub fn new() -> IncomingRequest {
        IncomingRequest { is_consumed: Cell::new(false) }
    }
}

/// The head of the request, whose resource the caller borrows.
fn head(this: u32, caller: &Caller) -> Head<'static> {
    caller.check();
    caller.borrow::<IncomingRequest>(this);
    let Some(head) = exchange::head() else { unreachable!("requests are answered one by one") };
    head
}

/// Gives the caller an `option<string>`.
fn answer_text(caller: &Caller, result: u32, text: Option<&[u8]>) {
    let given = text.map(|text| caller.new_string(text));
    let fields = caller.fields(result, 12, 4);
    fields.u8(0, given.is_some().into());
    if let Some((pointer, length)) = given {
        fields.u32(4, pointer);
        fields.u32(8, length);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_method(this: u32, result: u32, caller: &Caller) {
    const METHODS: [&[u8]; 9] =
        [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH"];
    let method = head(this, caller).method;
    let case = METHODS.iter().position(|known| *known == method);
    let (pointer, length) = if case.is_none() { caller.new_string(method) } else { (0, 0) };
    let fields = caller.fields(result, 12, 4);
    fields.u8(0, case.unwrap_or(METHODS.len()) as u8);
    if case.is_none() {
        fields.u32(4, pointer);
        fields.u32(8, length);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_path_with_query(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    answer_text(caller, result, head(this, caller).path);
}

/// Always HTTP, as in wasmtime.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_scheme(this: u32, result: u32, caller: &Caller) {
    head(this, caller);
    let fields = caller.fields(result, 16, 4);
    fields.u8(0, 1);
    fields.u8(4, 0);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_authority(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    answer_text(caller, result, head(this, caller).authority);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_headers(this: u32, caller: &Caller) -> u32 {
    let head = head(this, caller);
    caller.own(Fields::of_section(head.fields))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_consume(
    this: u32,
    result: u32,
    caller: &Caller,
) {
    caller.check();
    let is_consumed = caller.borrow::<IncomingRequest>(this).is_consumed.replace(true);
    let body = || IncomingBody { has_stream: Cell::new(false), children: Cell::new(0) };
    answer_handle(caller, result, (!is_consumed).then(|| caller.own(body())));
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_request_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<IncomingRequest>(handle) {
        IncomingRequest::remove(number);
    }
}

/// When there is more of the body, or its end.
fn event() -> Event {
    match exchange::body_progress() {
        Progress::Waiting => Event::Readable(exchange::descriptor()),
        _ => Event::Now,
    }
}

/// Its `host` is the number of the body.
static SOURCE: Source = Source {
    read: |_, buffer| match exchange::read_body(buffer) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(StreamError::Closed),
        Err(error) => Err(StreamError::Failed(error)),
    },
    event: |_| event(),
    drop: |stream| {
        let children = &IncomingBody::at(stream.host.get() as u32).children;
        children.set(children.get() - 1);
    },
};

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_body_stream(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let number = caller.representation::<IncomingBody>(this);
    let body = IncomingBody::at(number);
    let stream = (!body.has_stream.replace(true)).then(|| {
        body.children.set(body.children.get() + 1);
        caller.own(InputStream::new(&SOURCE, number as i32, 0))
    });
    answer_handle(caller, result, stream);
}

/// Takes a body whose stream is gone.
fn take_body(handle: u32, caller: &Caller) -> Option<IncomingBody> {
    let number = take_childless::<IncomingBody>(handle, caller, |body| body.children.get());
    number.map(IncomingBody::remove)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_body_finish(this: u32, caller: &Caller) -> u32 {
    if take_body(this, caller).is_none() {
        violation(Trap::NotOwned);
    }
    caller.own(FutureTrailers { is_taken: Cell::new(false), children: Cell::new(0) })
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_incoming_body_drop(handle: u32, caller: &Caller) {
    take_body(handle, caller);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_future_trailers_subscribe(this: u32, caller: &Caller) -> u32 {
    caller.check();
    let trailers = caller.borrow::<FutureTrailers>(this);
    exchange::drain_body();
    caller.own(Pollable::of(event(), &trailers.children))
}

/// What nobody has read of the body comes before its trailers, and is thrown away.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_future_trailers_get(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let trailers = caller.borrow::<FutureTrailers>(this);
    exchange::drain_body();
    let progress = exchange::body_progress();
    let own = matches!(progress, Progress::Ended)
        .then(exchange::trailers)
        .filter(|section| !section.is_empty() && !trailers.is_taken.get())
        .map(|section| caller.own(Fields::of_section(section)));
    // An `option` of a `result` of a `result` of an `option`.
    let fields = caller.fields(result, 24 + error::BYTES, 8);
    if matches!(progress, Progress::Waiting | Progress::Data(_)) {
        return fields.u8(0, 0);
    }
    fields.u8(0, 1);
    let is_taken = trailers.is_taken.replace(true);
    fields.u8(8, is_taken.into());
    if is_taken {
        return;
    }
    match progress {
        Progress::Failed(error) => {
            fields.u8(16, 1);
            ErrorCode::of(error).write(&fields, 24);
        }
        _ => {
            fields.u8(16, 0);
            fields.u8(24, own.is_some().into());
            fields.u32(28, own.unwrap_or(0));
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_future_trailers_drop(handle: u32, caller: &Caller) {
    let children = |trailers: &FutureTrailers| trailers.children.get();
    if let Some(number) = take_childless(handle, caller, children) {
        FutureTrailers::remove(number);
    }
}
