//! Statuses and what they are called (RFC 9110, 15).

/// What a status is called; nothing if it isn't known, which is allowed.
pub fn reason(status: u16) -> &'static [u8] {
    // Each as its number and its name.
    const NAMES: &[(u16, &[u8])] = &[
        (200, b"OK"),
        (201, b"Created"),
        (202, b"Accepted"),
        (203, b"Non-Authoritative Information"),
        (204, b"No Content"),
        (205, b"Reset Content"),
        (206, b"Partial Content"),
        (300, b"Multiple Choices"),
        (301, b"Moved Permanently"),
        (302, b"Found"),
        (303, b"See Other"),
        (304, b"Not Modified"),
        (307, b"Temporary Redirect"),
        (308, b"Permanent Redirect"),
        (400, b"Bad Request"),
        (401, b"Unauthorized"),
        (403, b"Forbidden"),
        (404, b"Not Found"),
        (405, b"Method Not Allowed"),
        (406, b"Not Acceptable"),
        (408, b"Request Timeout"),
        (409, b"Conflict"),
        (410, b"Gone"),
        (411, b"Length Required"),
        (412, b"Precondition Failed"),
        (413, b"Content Too Large"),
        (414, b"URI Too Long"),
        (415, b"Unsupported Media Type"),
        (416, b"Range Not Satisfiable"),
        (417, b"Expectation Failed"),
        (418, b"I'm a teapot"),
        (422, b"Unprocessable Content"),
        (426, b"Upgrade Required"),
        (429, b"Too Many Requests"),
        (431, b"Request Header Fields Too Large"),
        (500, b"Internal Server Error"),
        (501, b"Not Implemented"),
        (502, b"Bad Gateway"),
        (503, b"Service Unavailable"),
        (504, b"Gateway Timeout"),
        (505, b"HTTP Version Not Supported"),
    ];
    NAMES.iter().find(|(number, _)| *number == status).map_or(b"", |(_, name)| name)
}

/// Whether a response with this status never has a body.
pub fn is_bodiless(status: u16) -> bool {
    status == 204 || status == 304
}
