//! `wasi:http/types.error-code`.

use crate::component::{Caller, Fields};
use crate::sys::Errno;
use crate::wasi2::io::error::Error;

/// Bytes of an `error-code` in memory; its alignment is 8.
pub const BYTES: u32 = 32;

/// The `error-code`s that there are here.
#[derive(Clone, Copy)]
pub enum ErrorCode {
    ConnectionTerminated,
    HttpRequestBodySize,
    /// With the number of bytes that were written.
    HttpResponseBodySize(u64),
    HttpProtocolError,
    InternalError,
}

impl ErrorCode {
    /// What an error of the connection is.
    pub fn of(error: Errno) -> ErrorCode {
        match error {
            Errno::PROTO => ErrorCode::HttpProtocolError,
            Errno::FBIG => ErrorCode::HttpRequestBodySize,
            Errno::CONNRESET | Errno::TIMEDOUT | Errno::PIPE => ErrorCode::ConnectionTerminated,
            _ => ErrorCode::InternalError,
        }
    }

    /// Writes it at an offset. The numbers are those of the cases in `wasi:http/types`.
    pub fn write(self, fields: &Fields, offset: u32) {
        let case = match self {
            ErrorCode::ConnectionTerminated => 7,
            ErrorCode::HttpRequestBodySize => 17,
            ErrorCode::HttpResponseBodySize(_) => 28,
            ErrorCode::HttpProtocolError => 35,
            ErrorCode::InternalError => 38,
        };
        fields.u8(offset, case);
        // The payload, if there is one, is an option.
        fields.u8(offset + 8, 0);
        if let ErrorCode::HttpResponseBodySize(bytes) = self {
            fields.u8(offset + 8, 1);
            fields.u64(offset + 16, bytes);
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi2_http_types_http_error_code(error: u32, result: u32, caller: &Caller) {
    caller.check();
    let Error(errno) = caller.borrow(error);
    let code = ErrorCode::of(*errno);
    let fields = caller.fields(result, 8 + BYTES, 8);
    let is_known = !matches!(code, ErrorCode::InternalError);
    fields.u8(0, is_known.into());
    if is_known {
        code.write(&fields, 8);
    }
}
