//! Messages of the domain name system (RFC 1035): questions for the addresses of a name, and their answers. What a server
//! sends is untrusted: nothing here panics or goes on forever.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of the largest message that a server sends over UDP to whom doesn't ask for more.
pub const BYTES: usize = 512;

/// The records that are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ipv4,
    Ipv6,
}

impl Kind {
    fn number(self) -> u16 {
        match self {
            Kind::Ipv4 => 1,
            Kind::Ipv6 => 28,
        }
    }
}

const CNAME: u16 = 5;
const INTERNET: u16 = 1;
const HEADER_BYTES: usize = 12;

/// Bytes of the longest name, with the length of each label before it and a zero behind it.
const NAME_BYTES: usize = 255;

/// A message that is being written or was sent.
pub struct Question {
    bytes: [u8; HEADER_BYTES + NAME_BYTES + 4],
    length: usize,
}

impl Question {
    /// Asks for records of a name, which has no dot at its end; none if it is too long.
    pub fn new(id: u16, name: &[u8], kind: Kind) -> Option<Question> {
        let mut question = Question { bytes: [0; HEADER_BYTES + NAME_BYTES + 4], length: 0 };
        question.put(&id.to_be_bytes())?;
        // The server is to ask others; there is one question.
        question.put(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        for label in name.split(|&byte| byte == b'.') {
            question.put(&[u8::try_from(label.len()).ok().filter(|length| *length < 64)?])?;
            question.put(label)?;
        }
        question.put(&[0])?;
        if question.length > HEADER_BYTES + NAME_BYTES {
            return None;
        }
        question.put(&kind.number().to_be_bytes())?;
        question.put(&INTERNET.to_be_bytes())?;
        Some(question)
    }

    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        let room = self.bytes.get_mut(self.length..)?.get_mut(..bytes.len())?;
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.length += bytes.len();
        Some(())
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// What a message says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The addresses, perhaps none, were reported.
    Addresses,
    /// There is no such name.
    NoName,
    /// The server is in trouble, or the message was cut off before the first address.
    Failed,
    /// The server doesn't answer such questions.
    Refused,
}

/// What `message` says in answer to the question, with a call of `found` for each address; none if it isn't an answer to
/// it.
pub fn answer(
    message: &[u8],
    question: &Question,
    kind: Kind,
    mut found: impl FnMut(IpAddr),
) -> Option<Answer> {
    let asked = question.bytes();
    let header = message.first_chunk::<HEADER_BYTES>()?;
    let &[_, _, flags, code, _, questions, high, low, ..] = header;
    let is_answer = header.get(..2)? == asked.get(..2)? && flags & 0x80 != 0 && questions == 1;
    let same = message.get(HEADER_BYTES..asked.len())?.eq_ignore_ascii_case(asked.get(HEADER_BYTES..)?);
    if !is_answer || !same {
        return None;
    }
    match code & 15 {
        0 => {}
        3 => return Some(Answer::NoName),
        2 => return Some(Answer::Failed),
        _ => return Some(Answer::Refused),
    }
    let count = u16::from_be_bytes([high, low]);
    let mut name = Name::read(message, HEADER_BYTES)?.0;
    let mut any = false;
    // One round for each further name that the name stands for.
    for _ in 0..16 {
        let mut alias = None;
        for record in (Records { message, at: asked.len(), left: count }) {
            if record.class != INTERNET || !record.owner.is(&name) {
                continue;
            }
            if record.kind == CNAME {
                alias = Name::read(message, record.data).map(|(name, _)| name);
            } else if record.kind == kind.number() {
                let data = message.get(record.data..)?.get(..record.length)?;
                if let Some(address) = address(data) {
                    found(address);
                    any = true;
                }
            }
        }
        match alias {
            Some(alias) if !any => name = alias,
            _ => break,
        }
    }
    let cut_off = flags & 2 != 0;
    Some(if cut_off && !any { Answer::Failed } else { Answer::Addresses })
}

fn address(data: &[u8]) -> Option<IpAddr> {
    match data.len() {
        4 => Some(Ipv4Addr::from(*data.first_chunk()?).into()),
        16 => Some(Ipv6Addr::from(*data.first_chunk()?).into()),
        _ => None,
    }
}

/// A name in a message, without its compression.
struct Name {
    bytes: [u8; NAME_BYTES],
    length: usize,
}

impl Name {
    /// Reads a name; where it ends.
    fn read(message: &[u8], mut at: usize) -> Option<(Name, usize)> {
        let mut name = Name { bytes: [0; NAME_BYTES], length: 0 };
        let mut end = None;
        loop {
            let length = *message.get(at)?;
            match length >> 6 {
                0 => {}
                // The rest stands before. A name that goes round in circles becomes too long.
                3 => {
                    let target = usize::from(length & 63) << 8 | usize::from(*message.get(at + 1)?);
                    end = end.or(Some(at + 2));
                    if target >= at {
                        return None;
                    }
                    at = target;
                    continue;
                }
                _ => return None,
            }
            let label = message.get(at..)?.get(..=usize::from(length))?;
            let room = name.bytes.get_mut(name.length..)?.get_mut(..label.len())?;
            room.iter_mut().zip(label).for_each(|(to, from)| *to = from.to_ascii_lowercase());
            name.length += label.len();
            at += label.len();
            if length == 0 {
                return Some((name, end.unwrap_or(at)));
            }
        }
    }

    fn is(&self, other: &Name) -> bool {
        self.bytes.get(..self.length) == other.bytes.get(..other.length)
    }
}

/// A record of an answer.
struct Record {
    owner: Name,
    kind: u16,
    class: u16,
    /// Where its data are in the message, and their length in bytes.
    data: usize,
    length: usize,
}

/// The records of a message, up to the first that is damaged.
struct Records<'m> {
    message: &'m [u8],
    at: usize,
    left: u16,
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.left = self.left.checked_sub(1)?;
        let (owner, at) = Name::read(self.message, self.at)?;
        let fixed = self.message.get(at..)?.first_chunk::<10>()?;
        let &[kind, kind_low, class, class_low, _, _, _, _, length, length_low] = fixed;
        let (data, length) = (at + fixed.len(), u16::from_be_bytes([length, length_low]).into());
        self.at = data + length;
        self.message.get(data..self.at)?;
        let (kind, class) = (u16::from_be_bytes([kind, kind_low]), u16::from_be_bytes([class, class_low]));
        Some(Record { owner, kind, class, data, length })
    }
}
