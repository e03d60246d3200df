//! Tables of heads and bodies, right and wrong ones.

extern crate std;

use std::vec::Vec;

use super::chunks::{Chunks, Piece};
use super::fields::SectionEnd;
use super::head::{Body, parse};
use super::{Refusal, date, fields};

fn refusal(text: &str) -> u16 {
    parse(text.as_bytes()).err().map_or(0, |refusal| refusal.0)
}

#[test]
fn heads() {
    let head = parse(b"GET /a?b HTTP/1.1\r\nHost: x:80\r\nA:  1 \r\n\r\n").unwrap();
    assert_eq!(
        (head.method, head.path, head.authority),
        (&b"GET"[..], Some(&b"/a?b"[..]), Some(&b"x:80"[..]))
    );
    assert_eq!((head.body, head.keep_alive, head.is_old), (Body::Length(0), true, false));
    let lines: Vec<_> = fields::lines(head.fields).collect();
    assert_eq!(lines, [(&b"Host"[..], &b"x:80"[..]), (b"A", b"1")]);

    let head = parse(
        b"POST http://u.v/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\nTE: a, trailers\r\n\
        Connection: a , Close\r\nExpect: 100-Continue\r\n\r\n",
    )
    .unwrap();
    assert_eq!((head.path, head.authority, head.body), (Some(&b"/"[..]), Some(&b"u.v"[..]), Body::Chunked));
    assert!(head.takes_trailers && head.expects_continue && !head.keep_alive);

    let head = parse(b"OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").unwrap();
    assert_eq!((head.path, head.authority), (Some(&b"*"[..]), None));
    assert!(head.is_old && head.keep_alive);
    assert!(!parse(b"GET / HTTP/1.0\r\n\r\n").unwrap().keep_alive);
    let head = parse(b"CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").unwrap();
    assert_eq!((head.path, head.authority), (None, Some(&b"[::1]:80"[..])));
}

#[test]
fn wrong_heads() {
    let with = |fields: &str| refusal(&std::format!("POST / HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
    for (line, status) in [
        ("GET /", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        ("G(T / HTTP/1.1", 400),
        (" / HTTP/1.1", 400),
        ("GET / HTTP/2.0", 505),
        ("GET / HTTP/1.2", 505),
        ("GET / http/1.1", 400),
        ("GET / HTTP/11", 400),
        ("GET x HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400),
        ("GET /a#b HTTP/1.1", 400),
        ("GET /\u{e9} HTTP/1.1", 400),
        ("GET https://x/ HTTP/1.1", 400),
        ("GET http:///x HTTP/1.1", 400),
        ("GET http://a@b/x HTTP/1.1", 400),
        ("CONNECT x HTTP/1.1", 400),
        ("CONNECT /x:1 HTTP/1.1", 400),
    ] {
        assert_eq!(refusal(&std::format!("{line}\r\nHost: x\r\n\r\n")), status, "{line}");
    }
    assert_eq!(refusal("GET / HTTP/1.1\r\n\r\n"), 400, "no host");
    for (fields, status) in [
        ("Host: y\r\n", 400),
        ("A : 1\r\n", 400),
        (" A: 1\r\n", 400),
        ("A\r\n", 400),
        (": 1\r\n", 400),
        ("A: \u{1}\r\n", 400),
        ("A: x\ry\r\n", 400),
        ("A: x\n", 400),
        ("Content-Length: 1\r\nContent-Length: 1\r\n", 400),
        ("Content-Length: 1, 1\r\n", 400),
        ("Content-Length: +1\r\n", 400),
        ("Content-Length: -1\r\n", 400),
        ("Content-Length: 0x1\r\n", 400),
        ("Content-Length: 1 2\r\n", 400),
        ("Content-Length:\r\n", 400),
        ("Content-Length: 18446744073709551616\r\n", 400),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400),
        ("Transfer-Encoding: chunked, chunked\r\n", 400),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Transfer-Encoding:\r\n", 400),
        ("Transfer-Encoding: gzip\r\n", 501),
        ("Transfer-Encoding: gzip, chunked\r\n", 501),
        ("Transfer-Encoding: chunked, gzip\r\n", 501),
        ("Transfer-Encoding: \u{b}chunked\r\n", 400),
        ("Expect: 200-ok\r\n", 417),
    ] {
        assert_eq!(with(fields), status, "{fields:?}");
    }
    assert_eq!(with(&"a: 1\r\n".repeat(99)), 0);
    assert_eq!(with(&"a: 1\r\n".repeat(100)), 431);
    for host in ["a b", "a/b", "a@b", "a:b", "a:123456", "[::1", "a,b", "[::1]x"] {
        assert_eq!(refusal(&std::format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")), 400, "{host}");
    }
    assert_eq!(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

#[test]
fn ends_of_sections() {
    let text = b"GET / HTTP/1.1\r\nA: 1\r\n\r\nrest";
    let mut end = SectionEnd::default();
    for length in 0..text.len() {
        let found = end.find(&text[..length]).unwrap();
        assert_eq!(found, (length >= 24).then_some(24).filter(|_| length == 24), "{length}");
        if found.is_some() {
            return assert_eq!(length, 24);
        }
    }
    panic!("no end");
}

#[test]
fn lines_end_in_both() {
    assert_eq!(SectionEnd::default().find(b"GET / HTTP/1.1\n"), Err(Refusal::MALFORMED));
    assert_eq!(SectionEnd::default().find(b"A: 1\r\n\n"), Err(Refusal::MALFORMED));
}

/// The data of a body that arrives in pieces of this size.
fn decode(body: &[u8], piece: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let (mut chunks, mut data) = (Chunks::default(), Vec::new());
    for part in body.chunks(piece) {
        let mut at = 0;
        while at < part.len() && !chunks.is_at_trailers() {
            let Piece { framing, data: bytes } = chunks.next(&part[at..])?;
            at += framing;
            data.extend_from_slice(&part[at..at + bytes]);
            chunks.take(bytes);
            at += bytes;
        }
    }
    Ok(chunks.is_at_trailers().then_some(data))
}

#[test]
fn chunked_bodies() {
    let body = b"5\r\nhello\r\n1 ;x=\"y\"\r\n \r\n05;a\r\nworld\r\n0\r\n\r\n";
    for piece in 1..body.len() {
        assert_eq!(decode(body, piece), Ok(Some(b"hello world".to_vec())), "{piece}");
    }
    assert_eq!(decode(b"5\r\nhel", 3), Ok(None));
    for wrong in [
        &b"\r\n"[..],
        b"g\r\n",
        b"-1\r\n",
        b"0x1\r\n",
        b"5\nhello",
        b"5\r\nhelloX\r\n",
        b"5\r\nhello\n",
        b"5\r\nhello\r\r",
        b"5 5\r\n",
        b" 5\r\n",
        b";\r\n",
        b"5;\n\r\n",
        b"5;a\0\r\n",
        b"1234567890abcdef\r\n",
        b"5\rX",
    ] {
        assert_eq!(decode(wrong, 1), Err(Refusal::MALFORMED), "{wrong:?}");
    }
    let long = [&b"1;"[..], &[b'a'; 17 << 10], b"\r\n"].concat();
    assert_eq!(decode(&long, 1000), Err(Refusal::MALFORMED));
}

#[test]
fn dates() {
    for (seconds, text) in [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (1_796_083_199, "Mon, 30 Nov 2026 23:59:59 GMT"),
    ] {
        assert_eq!(date::write(seconds), text.as_bytes(), "{text}");
    }
}
