//! The head of a request: its first line, its fields, and what follows from them for its body and its connection.

use super::fields::{self, split_line};
use super::{Refusal, decimal, is_token};

/// A request's head. What it names is where it was read.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub method: &'a [u8],
    /// The path with the query; none for CONNECT.
    pub path: Option<&'a [u8]>,
    /// Host and port.
    pub authority: Option<&'a [u8]>,
    /// The lines of the fields.
    pub fields: &'a [u8],
    pub body: Body,
    /// Whether it is HTTP/1.0.
    pub is_old: bool,
    /// Whether the client wants to use the connection again.
    pub keep_alive: bool,
    /// Whether it waits for 100 (Continue) before it sends the body.
    pub expects_continue: bool,
    /// Whether it can do something with trailers.
    pub takes_trailers: bool,
}

/// How the end of a body is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// So many bytes, perhaps none.
    Length(u64),
    Chunked,
}

/// What the fields say, as far as it concerns us.
#[derive(Default)]
struct Said<'a> {
    host: Option<&'a [u8]>,
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
    takes_trailers: bool,
}

/// Parses a head, whose last line is empty.
///
/// # Errors
/// If it isn't exactly as the RFCs say, or asks for what there isn't.
pub fn parse(text: &[u8]) -> Result<Head<'_>, Refusal> {
    let (line, rest) = split_line(text).ok_or(Refusal::MALFORMED)?;
    let section = rest.strip_suffix(b"\r\n").ok_or(Refusal::MALFORMED)?;
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::MALFORMED);
    };
    let is_old = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
            return Err(Refusal::UNKNOWN_VERSION);
        }
        _ => return Err(Refusal::MALFORMED),
    };
    if !is_token(method) {
        return Err(Refusal::MALFORMED);
    }
    fields::check(section)?;
    let said = read(section)?;
    if said.host.is_none() && !is_old {
        return Err(Refusal::MALFORMED);
    }
    let Target { path, authority } = Target::parse(method, target)?;
    let body = match (said.chunked, said.length) {
        // Whatever is between the client and us may have believed the other one.
        (true, Some(_)) => return Err(Refusal::MALFORMED),
        (true, None) if is_old => return Err(Refusal::MALFORMED),
        (true, None) => Body::Chunked,
        (false, length) => Body::Length(length.unwrap_or(0)),
    };
    Ok(Head {
        method,
        path,
        authority: authority.or(said.host).filter(|authority| !authority.is_empty()),
        fields: section,
        body,
        is_old,
        keep_alive: !said.close && (!is_old || said.keep_alive),
        expects_continue: said.expects_continue && !is_old && body != Body::Length(0),
        takes_trailers: said.takes_trailers && !is_old,
    })
}

/// What the fields of a checked section say.
fn read(section: &[u8]) -> Result<Said<'_>, Refusal> {
    let mut said = Said::default();
    for (name, value) in fields::lines(section) {
        let is = |wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
        let mut items = fields::items(value);
        if is(b"host") {
            if said.host.is_some() || !is_authority(value) {
                return Err(Refusal::MALFORMED);
            }
            said.host = Some(value);
        } else if is(b"content-length") {
            if said.length.is_some() {
                return Err(Refusal::MALFORMED);
            }
            said.length = Some(decimal(value).ok_or(Refusal::MALFORMED)?);
        } else if is(b"transfer-encoding") {
            if said.chunked {
                return Err(Refusal::MALFORMED);
            }
            match (items.next(), items.next()) {
                (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => said.chunked = true,
                (None, _) => return Err(Refusal::MALFORMED),
                _ if fields::items(value)
                    .filter(|coding| coding.eq_ignore_ascii_case(b"chunked"))
                    .count()
                    > 1 =>
                {
                    return Err(Refusal::MALFORMED);
                }
                _ => return Err(Refusal::UNKNOWN_CODING),
            }
        } else if is(b"connection") {
            for option in items {
                said.close |= option.eq_ignore_ascii_case(b"close");
                said.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        } else if is(b"expect") {
            if !value.eq_ignore_ascii_case(b"100-continue") {
                return Err(Refusal::UNKNOWN_EXPECTATION);
            }
            said.expects_continue = true;
        } else if is(b"te") {
            said.takes_trailers |= items.any(|item| item.eq_ignore_ascii_case(b"trailers"));
        }
    }
    Ok(said)
}

/// The parts of a target.
struct Target<'a> {
    path: Option<&'a [u8]>,
    authority: Option<&'a [u8]>,
}

impl<'a> Target<'a> {
    /// Splits a target in one of its four forms (RFC 9112, 3.2).
    fn parse(method: &[u8], target: &'a [u8]) -> Result<Target<'a>, Refusal> {
        if !target.iter().all(|byte| (0x21..0x7f).contains(byte) && !b"#<>`".contains(byte)) {
            return Err(Refusal::MALFORMED);
        }
        if method == b"CONNECT" {
            let has_port = target.rsplit(|byte| *byte == b':').next().and_then(decimal).is_some();
            let fits = target.contains(&b':') && has_port && is_authority(target);
            let parts = Target { path: None, authority: Some(target) };
            return if fits { Ok(parts) } else { Err(Refusal::MALFORMED) };
        }
        match target {
            [b'/', ..] => Ok(Target { path: Some(target), authority: None }),
            b"*" if method == b"OPTIONS" => Ok(Target { path: Some(target), authority: None }),
            _ => Target::parse_absolute(target),
        }
    }

    /// Splits `http://AUTHORITY/PATH`.
    fn parse_absolute(target: &'a [u8]) -> Result<Target<'a>, Refusal> {
        let scheme = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case(b"http://"));
        let rest = scheme.and_then(|scheme| target.get(scheme.len()..)).ok_or(Refusal::MALFORMED)?;
        let end = rest.iter().position(|byte| *byte == b'/' || *byte == b'?').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(Refusal::MALFORMED)?;
        if authority.is_empty() || !is_authority(authority) || path.first() == Some(&b'?') {
            return Err(Refusal::MALFORMED);
        }
        let path = if path.is_empty() { b"/" } else { path };
        Ok(Target { path: Some(path), authority: Some(authority) })
    }
}

/// Whether it is a host, perhaps with a port (RFC 3986, 3.2); perhaps nothing.
fn is_authority(text: &[u8]) -> bool {
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=:[]".contains(byte);
    let port = match text {
        [b'[', rest @ ..] => match rest.iter().position(|byte| *byte == b']') {
            Some(end) => rest.get(end + 1..).unwrap_or_default(),
            None => return false,
        },
        _ => text.iter().position(|byte| *byte == b':').and_then(|at| text.get(at..)).unwrap_or_default(),
    };
    let port_fits = match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    port_fits && text.iter().all(is_host)
}
