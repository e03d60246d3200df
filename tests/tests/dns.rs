//! Looking up names on Linux: messages of the domain name system, and the machine's own files. The runtime's sources are
//! compiled into this test.

#![allow(dead_code)]

#[path = "../../runtime-support/src/sys/linux/resolve/config.rs"]
mod config;
#[path = "../../runtime-support/src/sys/linux/resolve/message.rs"]
mod message;

use std::net::IpAddr;

use config::Config;
use message::{Answer, Kind, Question, answer};

const ID: u16 = 0x1234;

/// A message under construction: that in answer to a question.
struct Message(Vec<u8>);

impl Message {
    /// With these flags and codes, and this number of records.
    fn new(question: &Question, flags: u8, code: u8, records: u8) -> Message {
        let mut bytes = question.bytes().to_vec();
        bytes[2] = 0x80 | flags;
        bytes[3] = code;
        bytes[7] = records;
        Message(bytes)
    }

    fn record(mut self, owner: &[u8], kind: u8, data: &[u8]) -> Message {
        self.0.extend(owner);
        self.0.extend([0, kind, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
        self.0.extend(data);
        self
    }
}

/// The name of the question, behind the header.
const ASKED: &[u8] = &[0xc0, 12];

fn ask(name: &str, kind: Kind) -> Question {
    Question::new(ID, name.as_bytes(), kind).unwrap()
}

fn read(message: &[u8], question: &Question, kind: Kind) -> Option<(Answer, Vec<IpAddr>)> {
    let mut addresses = Vec::new();
    let answer = answer(message, question, kind, |address| addresses.push(address))?;
    Some((answer, addresses))
}

fn addresses(texts: &[&str]) -> Option<(Answer, Vec<IpAddr>)> {
    Some((Answer::Addresses, texts.iter().map(|text| text.parse().unwrap()).collect()))
}

#[test]
fn questions() {
    let question = ask("a.example", Kind::Ipv6);
    let expected = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x07example\0\0\x1c\0\x01";
    assert_eq!(question.bytes(), expected);
    let longest = format!("{}a", "abc.".repeat(63));
    assert_eq!(longest.len(), 253);
    assert!(Question::new(ID, longest.as_bytes(), Kind::Ipv4).is_some());
    assert!(Question::new(ID, format!("{longest}b").as_bytes(), Kind::Ipv4).is_none());
    assert!(Question::new(ID, &[b'a'; 64], Kind::Ipv4).is_none());
}

#[test]
fn answers() {
    let question = ask("a.example", Kind::Ipv4);
    let message = Message::new(&question, 0, 0, 3)
        .record(ASKED, 1, &[192, 0, 2, 1])
        .record(b"\x01A\x07EXAMPLE\0", 1, &[192, 0, 2, 2])
        // Not an answer to it.
        .record(b"\x01b\x07example\0", 1, &[192, 0, 2, 3]);
    assert_eq!(read(&message.0, &question, Kind::Ipv4), addresses(&["192.0.2.1", "192.0.2.2"]));
    let question = ask("a.example", Kind::Ipv6);
    let mut data = [0; 16];
    (data[0], data[15]) = (0xfd, 1);
    let message = Message::new(&question, 0, 0, 1).record(ASKED, 28, &data);
    assert_eq!(read(&message.0, &question, Kind::Ipv6), addresses(&["fd00::1"]));
    for (code, answer) in [(3, Answer::NoName), (2, Answer::Failed), (5, Answer::Refused)] {
        let message = Message::new(&question, 0, code, 0);
        assert_eq!(read(&message.0, &question, Kind::Ipv6), Some((answer, vec![])));
    }
    let nothing = Message::new(&question, 0, 0, 0);
    assert_eq!(read(&nothing.0, &question, Kind::Ipv6), addresses(&[]));
}

#[test]
fn aliases_are_followed_in_any_order() {
    let question = ask("a.example", Kind::Ipv4);
    let (b, c) = (b"\x01b\x07example\0", b"\x01c\x07example\0");
    let message = Message::new(&question, 0, 0, 4)
        .record(c, 1, &[192, 0, 2, 1])
        .record(b, 5, c)
        .record(ASKED, 5, b)
        .record(b"\x01d\0", 1, &[192, 0, 2, 9]);
    assert_eq!(read(&message.0, &question, Kind::Ipv4), addresses(&["192.0.2.1"]));
    // A circle ends.
    let message = Message::new(&question, 0, 0, 2).record(ASKED, 5, b).record(b, 5, ASKED);
    assert_eq!(read(&message.0, &question, Kind::Ipv4), addresses(&[]));
}

#[test]
fn what_is_cut_off_counts_if_it_has_an_address() {
    let question = ask("a.example", Kind::Ipv4);
    let message = Message::new(&question, 2, 0, 9).record(ASKED, 1, &[192, 0, 2, 1]);
    assert_eq!(read(&message.0, &question, Kind::Ipv4), addresses(&["192.0.2.1"]));
    let message = Message::new(&question, 2, 0, 9);
    assert_eq!(read(&message.0, &question, Kind::Ipv4), Some((Answer::Failed, vec![])));
}

#[test]
fn what_others_send_is_no_answer() {
    let question = ask("a.example", Kind::Ipv4);
    let good = Message::new(&question, 0, 0, 1).record(ASKED, 1, &[192, 0, 2, 1]);
    for (at, byte) in [
        (0, 0),     // another id
        (2, 0),     // a question
        (5, 2),     // two questions
        (13, b'b'), // another name
        (24, 28),   // another type
        (26, 3),    // another class
    ] {
        let mut message = good.0.clone();
        assert_ne!(message[at], byte);
        message[at] = byte;
        assert_eq!(read(&message, &question, Kind::Ipv4), None, "byte {at}");
    }
    assert_eq!(read(question.bytes(), &question, Kind::Ipv4), None);
}

/// Whatever a server sends, it is read in bounded time and without a panic.
#[test]
fn damaged_messages() {
    let question = ask("a.example", Kind::Ipv4);
    let header = question.bytes().len();
    let circle = [0xc0, header as u8];
    let good = Message::new(&question, 0, 0, 3)
        .record(&circle, 1, &[1, 2, 3, 4])
        .record(b"\x01b\xc0\x0c", 5, b"\x3fb")
        .record(ASKED, 1, &[1, 2, 3])
        .0;
    for length in 0..good.len() {
        read(&good[..length], &question, Kind::Ipv4);
    }
    for at in 0..good.len() {
        for byte in [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff, at as u8] {
            let mut message = good.clone();
            message[at] = byte;
            read(&message, &question, Kind::Ipv4);
        }
    }
}

#[test]
fn hosts() {
    let address = |line: &str, name: &str| config::host(line.as_bytes(), name.as_bytes());
    assert_eq!(address("127.0.0.1\tlocalhost", "LocalHost"), "127.0.0.1".parse().ok());
    assert_eq!(address("::1 localhost ip6-localhost # one", "ip6-localhost"), "::1".parse().ok());
    for (line, name) in [
        ("127.0.0.1 localhost", "local"),
        ("127.0.0.1 # localhost", "localhost"),
        ("# 127.0.0.1 localhost", "localhost"),
        ("127.0.0 localhost", "localhost"),
        ("localhost", "localhost"),
        ("", "localhost"),
        ("\u{ff} \u{ff}", "localhost"),
    ] {
        assert_eq!(address(line, name), None, "{line}");
    }
}

#[test]
fn configurations() {
    let mut config = Config::new();
    assert_eq!((config.timeout, config.attempts, config.dots), (5, 2, 1));
    let text = "# comment\nnameserver 192.0.2.1\nnameserver\t::1 ; comment\nnameserver fe80::1%eth0\nnameserver x\n\
                domain old\nsearch a.example b.example.\noptions ndots:5 timeout:99 attempts:0 rotate ndots:x\nsortlist 1\n";
    text.lines().for_each(|line| config.read(line.as_bytes()));
    let servers: Vec<String> = config.servers().map(|server| server.to_string()).collect();
    assert_eq!(servers, ["192.0.2.1", "::1"]);
    let domains: Vec<&[u8]> = config.domains().collect();
    assert_eq!(domains, [&b"a.example"[..], b"b.example"]);
    assert_eq!((config.timeout, config.attempts, config.dots), (30, 1, 5));
    (0..9).for_each(|_| config.read(b"nameserver 192.0.2.9"));
    assert_eq!(config.servers().count(), 3);
    config.read(format!("search {} {}", "x".repeat(300), "y ".repeat(20)).as_bytes());
    assert_eq!(config.domains().count(), 6);
}
