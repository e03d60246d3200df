//! The response: `response-outparam`, `outgoing-response`, `outgoing-body` and its stream.

use core::cell::Cell;

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wasi2::ResourceKind;

use super::error::{self, ErrorCode};
use super::fields::Fields;
use super::{answer_handle, take_childless};
use crate::component::slab::Slab;
use crate::component::{Caller, Resource, violation};
use crate::server::exchange;
use crate::sys::Errno;
use crate::wasi2::io::poll::Event;
use crate::wasi2::io::streams::{OutputStream, Sink, StreamError};

/// `wasi:http/types.response-outparam`.
pub struct ResponseOutparam;

/// `wasi:http/types.outgoing-response`.
pub struct OutgoingResponse {
    status: Cell<u16>,
    /// The number of its fields.
    fields: u32,
    /// The number of its body, if that has been taken.
    body: Cell<Option<u32>>,
}

/// `wasi:http/types.outgoing-body`.
pub struct OutgoingBody {
    has_stream: Cell<bool>,
    /// Streams that are still there.
    children: Cell<u32>,
}

tables! {
    OUTPARAMS: ResponseOutparam;
    RESPONSES: OutgoingResponse;
    BODIES: OutgoingBody;
}

/// Bytes of a body that can be written before the response is set.
const MOST_EARLY: usize = 16 << 10;

/// The response that was set.
struct Response {
    /// The number of its body.
    body: Cell<Option<u32>>,
    /// The number of its fields.
    fields: Cell<Option<u32>>,
    /// The number of the body of which something was written before, how much that is, whether it has ended, and the number of
    /// its trailers.
    early: Cell<Option<u32>>,
    early_bytes: Cell<usize>,
    early_ended: Cell<bool>,
    early_trailers: Cell<Option<u32>>,
}

// SAFETY: there is one thread.
unsafe impl Sync for Response {}

static RESPONSE: Response = Response {
    body: Cell::new(None),
    fields: Cell::new(None),
    early: Cell::new(None),
    early_bytes: Cell::new(0),
    early_ended: Cell::new(false),
    early_trailers: Cell::new(None),
};

static mut EARLY: [u8; MOST_EARLY] = [0; MOST_EARLY];

/// Forgets the response.
pub fn reset() {
    RESPONSE.body.set(None);
    RESPONSE.fields.set(None);
    RESPONSE.early.set(None);
    RESPONSE.early_bytes.set(0);
    RESPONSE.early_ended.set(false);
    RESPONSE.early_trailers.set(None);
}

/// Whether a body is that of the response that was set.
fn is_set(body: u32) -> bool {
    RESPONSE.body.get() == Some(body)
}

/// Bytes that can be written to a body before its response is set.
fn early_room(body: u32) -> usize {
    match RESPONSE.early.get() {
        Some(other) if other != body => 0,
        _ if RESPONSE.fields.get().is_some() => 0,
        _ => MOST_EARLY - RESPONSE.early_bytes.get(),
    }
}

/// Keeps what is written to a body before its response is set.
fn write_early(body: u32, data: &[u8]) -> Result<usize, Errno> {
    let bytes = data.len().min(early_room(body));
    if bytes == 0 && !data.is_empty() {
        return Err(Errno::PIPE);
    }
    let start = RESPONSE.early_bytes.get();
    // SAFETY: there is room for so many bytes; there is one thread.
    unsafe {
        let to = (&raw mut EARLY).cast::<u8>().add(start);
        to.copy_from_nonoverlapping(data.as_ptr(), bytes);
    }
    RESPONSE.early.set(Some(body));
    RESPONSE.early_bytes.set(start + bytes);
    Ok(bytes)
}

/// Its `host` is the number of the body.
static SINK: Sink = Sink {
    write: |stream, pieces| {
        let body = stream.host.get() as u32;
        let Some(piece) = pieces.first() else { return Ok(0) };
        // SAFETY: the pieces are memory that exists, and nobody writes it.
        let data = unsafe { core::slice::from_raw_parts(piece.base, piece.length) };
        let written = if is_set(body) { exchange::write(data) } else { write_early(body, data) };
        written.map_err(|error| match error {
            Errno::PIPE => StreamError::Closed,
            other => StreamError::Failed(other),
        })
    },
    event: |stream| {
        if is_set(stream.host.get() as u32) && !exchange::is_closed() && exchange::room() == 0 {
            Event::Writable(exchange::descriptor())
        } else {
            Event::Now
        }
    },
    room: |stream| {
        let body = stream.host.get() as u32;
        match () {
            // Without room the next write is an error, for which nobody waits.
            () if !is_set(body) => early_room(body).max(1) as u64,
            () if exchange::is_closed() => 1,
            () => exchange::room().min(16 << 10) as u64,
        }
    },
    closes_on_error: true,
    drop: |stream| {
        let children = &OutgoingBody::at(stream.host.get() as u32).children;
        children.set(children.get() - 1);
    },
};

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_response(headers: u32, caller: &Caller) -> u32 {
    caller.check();
    let Some(fields) = caller.take::<Fields>(headers) else { violation(Trap::NotOwned) };
    caller.own(OutgoingResponse { status: Cell::new(200), fields, body: Cell::new(None) })
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_response_status_code(this: u32, caller: &Caller) -> u32 {
    caller.check();
    caller.borrow::<OutgoingResponse>(this).status.get().into()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_response_set_status_code(
    this: u32,
    status: u32,
    caller: &Caller,
) -> u32 {
    caller.check();
    let response = caller.borrow::<OutgoingResponse>(this);
    let status = status as u16;
    let is_status = (100..1000).contains(&status);
    if is_status {
        response.status.set(status);
    }
    (!is_status).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_response_headers(this: u32, caller: &Caller) -> u32 {
    caller.check();
    let fields = Fields::at(caller.borrow::<OutgoingResponse>(this).fields);
    caller.own(fields.copy(true))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_response_body(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let response = caller.borrow::<OutgoingResponse>(this);
    let body = response.body.get().is_none().then(|| {
        let body = caller.own(OutgoingBody { has_stream: Cell::new(false), children: Cell::new(0) });
        response.body.set(Some(caller.representation::<OutgoingBody>(body)));
        body
    });
    answer_handle(caller, result, body);
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_response_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<OutgoingResponse>(handle) {
        drop(Fields::remove(OutgoingResponse::remove(number).fields));
    }
}

/// Ends the body of the response, with those of the trailers, of which this is the number, that it has announced.
fn end(trailers: Option<u32>) -> Result<(), u64> {
    let announced = RESPONSE.fields.get().and_then(|fields| Fields::at(fields).get(b"trailer"));
    let announced = announced.unwrap_or_default();
    exchange::end(&|action| {
        if let Some(trailers) = trailers {
            Fields::at(trailers).each(&mut |name, value| {
                if exchange::is_announced(announced, name) {
                    action(name, value);
                }
            });
        }
    })
}

/// The parameters behind the first two are those of the response, or of an error.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "the canonical ABI says so")]
pub extern "C" fn wasm_aot_wasi2_http_types_response_outparam_set(
    this: u32,
    is_error: u32,
    response: u32,
    _payload0: u32,
    _payload1: u64,
    _payload2: u32,
    _payload3: u32,
    _payload4: u32,
    _payload5: u32,
    caller: &Caller,
) {
    caller.check();
    if is_error > 1 {
        violation(Trap::InvalidDiscriminant);
    }
    let Some(number) = caller.take::<ResponseOutparam>(this) else { violation(Trap::NotOwned) };
    ResponseOutparam::remove(number);
    if is_error == 1 {
        // Nobody else can answer, so it is 500 in the end.
        return;
    }
    let Some(number) = caller.take::<OutgoingResponse>(response) else { violation(Trap::NotOwned) };
    let OutgoingResponse { status, fields, body } = OutgoingResponse::remove(number);
    let (body, each) = (body.get(), Fields::at(fields));
    if !exchange::respond(status.get(), &|action| each.each(action), body.is_some()) {
        return;
    }
    RESPONSE.fields.set(Some(fields));
    RESPONSE.body.set(body);
    if body.is_some() && RESPONSE.early.get() == body {
        let length = RESPONSE.early_bytes.get();
        // SAFETY: `write_early` has written them.
        let early = unsafe { core::slice::from_raw_parts((&raw const EARLY).cast::<u8>(), length) };
        // If it isn't what the response has announced, the response is broken.
        exchange::write_all(early);
        if RESPONSE.early_ended.get() {
            _ = end(RESPONSE.early_trailers.get());
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_response_outparam_drop(handle: u32, caller: &Caller) {
    caller.check();
    if let Some(number) = caller.take::<ResponseOutparam>(handle) {
        ResponseOutparam::remove(number);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_body_write(this: u32, result: u32, caller: &Caller) {
    caller.check();
    let number = caller.representation::<OutgoingBody>(this);
    let body = OutgoingBody::at(number);
    let stream = (!body.has_stream.replace(true)).then(|| {
        body.children.set(body.children.get() + 1);
        caller.own(OutputStream::new(&SINK, number as i32, 0))
    });
    answer_handle(caller, result, stream);
}

/// Takes a body whose stream is gone; its number, which no other body has afterwards.
fn take_body(handle: u32, caller: &Caller) -> Option<u32> {
    take_childless::<OutgoingBody>(handle, caller, |body| body.children.get())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_body_finish(
    this: u32,
    has_trailers: u32,
    trailers: u32,
    result: u32,
    caller: &Caller,
) {
    let Some(body) = take_body(this, caller) else { violation(Trap::NotOwned) };
    if has_trailers > 1 {
        violation(Trap::InvalidDiscriminant);
    }
    let trailers = (has_trailers == 1).then(|| {
        let Some(number) = caller.take::<Fields>(trailers) else { violation(Trap::NotOwned) };
        number
    });
    // They are kept until the request is over.
    let outcome = if is_set(body) {
        end(trailers)
    } else {
        if RESPONSE.fields.get().is_none() && RESPONSE.early.get().is_none_or(|early| early == body) {
            RESPONSE.early.set(Some(body));
            RESPONSE.early_ended.set(true);
            RESPONSE.early_trailers.set(trailers);
        }
        Ok(())
    };
    let fields = caller.fields(result, 8 + error::BYTES, 8);
    fields.u8(0, outcome.is_err().into());
    if let Err(bytes) = outcome {
        ErrorCode::HttpResponseBodySize(bytes).write(&fields, 8);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_outgoing_body_drop(handle: u32, caller: &Caller) {
    take_body(handle, caller);
}
