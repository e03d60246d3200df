//! HTTP/1.1 (RFC 9110, RFC 9112) as far as bytes go: pure functions, which know neither sockets nor components. Whatever a
//! client sends is untrusted: what isn't exactly as the RFCs say, or could be understood differently by something between
//! the client and us, is refused with a status.

pub mod chunks;
pub mod date;
pub mod fields;
pub mod head;
pub mod status;
#[cfg(test)]
mod tests;

/// Why a request is refused: the status of the answer, after which the connection is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal(pub u16);

impl Refusal {
    pub const MALFORMED: Refusal = Refusal(400);
    pub const TIMEOUT: Refusal = Refusal(408);
    pub const BODY_TOO_LARGE: Refusal = Refusal(413);
    pub const TARGET_TOO_LONG: Refusal = Refusal(414);
    pub const UNKNOWN_EXPECTATION: Refusal = Refusal(417);
    pub const FIELDS_TOO_LARGE: Refusal = Refusal(431);
    pub const UNKNOWN_CODING: Refusal = Refusal(501);
    pub const UNAVAILABLE: Refusal = Refusal(503);
    pub const UNKNOWN_VERSION: Refusal = Refusal(505);
}

/// Whether a byte can be part of a token (RFC 9110, 5.6.2): a method, a name.
pub fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| is_token_byte(*byte))
}

/// Whether a byte can be part of a field's value (RFC 9110, 5.5).
pub fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || byte >= b' ' && byte != 0x7f
}

/// Without the blanks around it.
pub fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// A number in decimal digits, nothing else, that fits.
pub fn decimal(text: &[u8]) -> Option<u64> {
    let digit = |number: u64, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    if text.is_empty() { None } else { text.iter().try_fold(0, digit) }
}
