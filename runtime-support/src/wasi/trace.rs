//! Tracing: calls of host functions on standard error, a line each, if the user asks for it by
//! `WASM_AOT_TRACE=wasi`. Compiled code reports each call after it, with a text that says what its parameters are
//! (`wasm_aot_abi::trace`); one that doesn't return, before. Nothing that the guest passed stops the program here.
//!
//! Linkers merge constants of 4, 16 and 32 bytes, and then every program has them. So no string here has one of these lengths.

use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering};

use wasm_aot_abi::policy::{TRACE_WASI, USER_TRACE, traces};
use wasm_aot_abi::trace::{NO_RESULT, SETS, width};

use crate::line::Line;
use crate::memory::guest;
use crate::program::slice;

use super::types::Errno;
use super::user;

/// Most bytes that are shown of a path, and of other contents.
const PATH_LIMIT: usize = 256;
const CONTENTS_LIMIT: usize = 32;
/// Most elements of an array.
const ARRAY_LIMIT: u32 = 8;

/// Whether the user wants to see calls.
fn is_active() -> bool {
    const UNKNOWN: u8 = 0;
    const OFF: u8 = 1;
    const ON: u8 = 2;
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
    if STATE.load(Ordering::Relaxed) == UNKNOWN {
        let on = traces(user::granted(USER_TRACE), &TRACE_WASI);
        STATE.store(if on { ON } else { OFF }, Ordering::Relaxed);
    }
    STATE.load(Ordering::Relaxed) == ON
}

/// `Builtin::Trace`.
///
/// # Safety
/// `text` has `length` bytes, `arguments` as many words as the text says; both are the compiler's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_trace(text: *const u8, length: u64, arguments: *const u64, result: u64) {
    if !is_active() {
        return;
    }
    // SAFETY: as the caller promises.
    let text = unsafe { slice(text, length) };
    let (name, parameters) = split(text, b' ');
    let count = each(parameters).map(|parameter| parameter.width()).sum::<usize>();
    // SAFETY: as the caller promises.
    let arguments = unsafe { slice(arguments, count as u64) };
    let mut call = Call { line: Line::new(), arguments, filled: (0, 0) };
    call.text(name);
    call.arguments(parameters);
    match result {
        NO_RESULT => {}
        number if parameters.starts_with(b"#") => {
            call.line.text(b" = ");
            call.signed(i64::from(number as i32));
        }
        #[cfg(feature = "components")]
        0 if call.component_result(parameters) => {}
        0 => {
            call.line.text(b" = ");
            call.number(0);
            call.results(parameters);
        }
        errno => {
            let name = nth(Errno::NAMES.as_bytes(), errno - 1).unwrap_or(b"?");
            call.line.text(b" = ").text(name);
        }
    }
    call.line.text(b"\n").print();
}

/// What is before and behind a separator.
fn split(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| byte == separator).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

/// A name out of a list that is separated by spaces.
fn nth(names: &[u8], index: u64) -> Option<&[u8]> {
    let mut names = names.split(|&byte| byte == b' ').filter(|name| !name.is_empty());
    names.nth(usize::try_from(index).ok()?)
}

/// A parameter of the witx.
struct Parameter<'t> {
    name: &'t [u8],
    kind: &'t [u8],
}

impl Parameter<'_> {
    /// How many words it takes.
    fn width(&self) -> usize {
        width(self.kind)
    }

    fn is_result(&self) -> bool {
        self.kind.starts_with(b">")
    }
}

fn each(parameters: &[u8]) -> impl Iterator<Item = Parameter<'_>> {
    let words = parameters.split(|&byte| byte == b' ').map(|word| split(word, b':'));
    words.filter(|(_, kind)| !kind.is_empty()).map(|(name, kind)| Parameter { name, kind })
}

struct Call<'c> {
    line: Line<2048>,
    arguments: &'c [u64],
    /// The `iovec` or `buffer` that was met last.
    filled: (u32, u32),
}

impl Call<'_> {
    /// The word with this number.
    fn word(&self, at: usize) -> u64 {
        self.arguments.get(at).copied().unwrap_or(0)
    }

    /// Two words: a pointer and a length.
    fn pair(&self, at: usize) -> (u32, u32) {
        (self.word(at) as u32, self.word(at + 1) as u32)
    }

    fn text(&mut self, text: &[u8]) {
        self.line.text(text);
    }

    fn number(&mut self, number: u64) {
        self.line.number(number as usize, 10);
    }

    fn hex(&mut self, number: u64) {
        self.line.text(b"0x");
        self.line.number(number as usize, 16);
    }

    fn signed(&mut self, number: i64) {
        if number < 0 {
            self.text(b"-");
        }
        self.number(number.unsigned_abs());
    }

    fn arguments(&mut self, parameters: &[u8]) {
        self.text(b"(");
        let (mut at, mut separator) = (0, b"".as_slice());
        for parameter in each(parameters) {
            if !parameter.is_result() || parameter.width() == 2 {
                self.text(separator);
                self.text(parameter.name);
                self.text(b": ");
                self.argument(parameter.kind, at);
                separator = b", ";
            }
            at += parameter.width();
        }
        self.text(b")");
    }

    fn argument(&mut self, kind: &[u8], at: usize) {
        let word = self.word(at);
        match kind {
            b"fd" | b"u32" | b"u64" => self.number(word),
            b"i64" => self.signed(word as i64),
            b"address" => self.hex(word),
            b"path" => self.string(self.pair(at), PATH_LIMIT),
            #[cfg(feature = "components")]
            b"bytes" => self.string(self.pair(at), CONTENTS_LIMIT),
            b"ciovec" => self.array(self.pair(at), 8, |call, element| {
                let [pointer, length] = pair_at(element)?;
                call.string((pointer, length), CONTENTS_LIMIT);
                Some(())
            }),
            b"iovec" => {
                self.filled = self.pair(at);
                self.array(self.filled, 8, |call, element| {
                    let [_, length] = pair_at(element)?;
                    call.number(length.into());
                    Some(())
                });
            }
            b"buffer" | b">string" => {
                self.filled = self.pair(at);
                self.number(self.filled.1.into());
                self.text(b" bytes");
            }
            b"subscriptions" => {
                self.array((word as u32, self.word(at + 2) as u32), 48, Call::subscription::<16>)
            }
            b"subscriptions-0" => {
                self.array((word as u32, self.word(at + 2) as u32), 56, Call::subscription::<24>);
            }
            _ => self.member(kind, word),
        }
    }

    /// The elements of an array of this many bytes each.
    fn array(
        &mut self,
        (pointer, count): (u32, u32),
        size: u32,
        show: impl Fn(&mut Self, u32) -> Option<()>,
    ) {
        self.text(b"[");
        for i in 0..count.min(ARRAY_LIMIT) {
            if i > 0 {
                self.text(b", ");
            }
            if show(self, pointer.wrapping_add(i * size)).is_none() {
                self.text(b"?");
            }
        }
        self.text(if count > ARRAY_LIMIT { b", ...]" } else { b"]" });
    }

    /// A string, in quotes; dots follow if it is longer.
    fn string(&mut self, (pointer, length): (u32, u32), limit: usize) {
        let Some(start) = guest::try_range(pointer, length.into()) else { return self.text(b"?") };
        self.text(b"\"");
        for i in 0..limit.min(length as usize) {
            // SAFETY: `try_range` has checked that the bytes exist. Volatile, as others may write them.
            self.character(unsafe { ptr::read_volatile(start.add(i)) });
        }
        self.text(b"\"");
        if length as usize > limit {
            self.text(b"...");
        }
    }

    /// What could do something to a terminal is escaped.
    fn character(&mut self, byte: u8) {
        match byte {
            b'\n' => self.text(b"\\n"),
            b'\t' => self.text(b"\\t"),
            b'"' => self.text(b"\\\""),
            b'\\' => self.text(b"\\\\"),
            b' '..=b'~' => self.text(&[byte]),
            _ => {
                self.text(b"\\x");
                self.line.number((byte >> 4).into(), 16);
                self.line.number((byte & 15).into(), 16);
            }
        }
    }

    /// A value of one of `SETS`.
    fn member(&mut self, kind: &[u8], value: u64) {
        let Some(set) = SETS.iter().find(|set| set.kind.as_bytes() == kind) else {
            return self.number(value);
        };
        let names = set.names.as_bytes();
        if !set.flags {
            return match nth(names, value) {
                Some(name) => self.text(name),
                None => self.number(value),
            };
        }
        let all = (0..64).take_while(|bit| nth(names, *bit).is_some()).fold(0, |all, bit| all | 1 << bit);
        match all & !value {
            // Most of many: what isn't there says more.
            missing if value & !all == 0 && missing.count_ones() < 8 && all.count_ones() >= 16 => {
                self.text(if missing == 0 { b"all" } else { b"all but " });
                self.flags(names, missing);
            }
            _ if value == 0 => self.text(b"0"),
            _ => self.flags(names, value),
        }
    }

    /// The names of bits, and those without one as a number.
    fn flags(&mut self, names: &[u8], value: u64) {
        let (mut rest, mut separator) = (value, b"".as_slice());
        for bit in 0..64 {
            let Some(name) = nth(names, bit) else { break };
            if value & 1 << bit != 0 {
                rest &= !(1 << bit);
                self.text(separator);
                self.text(name);
                separator = b"|";
            }
        }
        if rest != 0 {
            self.text(separator);
            self.hex(rest);
        }
    }

    /// An element of the first array of `poll_oneoff`; its clock begins at `CLOCK`.
    fn subscription<const CLOCK: u32>(&mut self, pointer: u32) -> Option<()> {
        let [tag] = guest::try_read(pointer.wrapping_add(8))?;
        if tag != 0 {
            let [number, _] = pair_at(pointer.wrapping_add(16))?;
            self.text(match tag {
                1 => b"fd_read(",
                2 => b"fd_write(",
                _ => b"?(",
            });
            self.number(number.into());
        } else {
            let clock = guest::try_read::<32>(pointer.wrapping_add(CLOCK))?;
            self.text(b"clock(");
            self.member(b"clockid", u32::from_le_bytes(take(&clock, 0)).into());
            self.text(b", ");
            self.number(u64::from_le_bytes(take(&clock, 8)));
            if take(&clock, 24) != [0] {
                self.text(b", abstime");
            }
        }
        self.text(b")");
        Some(())
    }

    /// What a function of a component returned in memory, or that it returned nothing; false for other functions.
    #[cfg(feature = "components")]
    fn component_result(&mut self, parameters: &[u8]) -> bool {
        let Some(Parameter { kind, .. }) = each(parameters).last() else { return true };
        let (kind, error) = split(kind, b'=');
        let at = self.word(self.arguments.len().wrapping_sub(1)) as u32;
        match kind {
            b">result" => {
                let (offset, names) = split(error, b'=');
                let offset = offset.iter().fold(0, |number, digit| 10 * number + u32::from(digit - b'0'));
                let read = |at: u32| guest::try_read::<1>(at).map_or(0, |[byte]| byte);
                if read(at) == 0 {
                    self.text(b" = ok");
                } else {
                    let case = read(at.wrapping_add(offset));
                    let name = names.split(|&byte| byte == b',').nth(case.into());
                    self.text(b" = err(");
                    self.text(name.unwrap_or_default());
                    self.text(b")");
                }
            }
            _ if kind.starts_with(b">") && kind != b">value" => return false,
            _ => {}
        }
        true
    }

    /// What the function wrote through pointers.
    fn results(&mut self, parameters: &[u8]) {
        let (mut at, mut separator) = (0, b" ->".as_slice());
        for parameter in each(parameters) {
            if parameter.is_result() {
                self.text(separator);
                self.text(b" ");
                if self.result(parameter.kind, at).is_none() {
                    self.text(b"?");
                }
                separator = b",";
            }
            at += parameter.width();
        }
    }

    fn result(&mut self, kind: &[u8], at: usize) -> Option<()> {
        let pointer = self.word(at) as u32;
        match kind {
            b">u16" => self.number(u16::from_le_bytes(guest::try_read(pointer)?).into()),
            b">u32" => self.number(u32::from_le_bytes(guest::try_read(pointer)?).into()),
            b">u64" => self.number(u64::from_le_bytes(guest::try_read(pointer)?)),
            b">filestat" => self.filestat(pointer, 32)?,
            b">filestat-0" => self.filestat(pointer, 24)?,
            b">fdstat" => {
                let bytes = guest::try_read::<8>(pointer)?;
                let [filetype] = take(&bytes, 0);
                self.text(b"{filetype: ");
                self.member(b"filetype", u64::from(filetype));
                self.text(b", flags: ");
                self.member(b"fdflags", u16::from_le_bytes(take(&bytes, 2)).into());
                self.text(b"}");
            }
            b">prestat" => {
                let bytes = guest::try_read::<8>(pointer)?;
                if take(&bytes, 0) == [0] {
                    self.text(b"{name_len: ");
                    self.number(u32::from_le_bytes(take(&bytes, 4)).into());
                    self.text(b"}");
                } else {
                    self.text(b"{listener}");
                }
            }
            b">string" => self.string(self.pair(at), PATH_LIMIT),
            b">read" => {
                let read = u32::from_le_bytes(guest::try_read(pointer)?);
                self.number(read.into());
                self.text(b" ");
                self.read(read)?;
            }
            b">used" => {
                let used = u32::from_le_bytes(guest::try_read(pointer)?);
                self.string((self.filled.0, used.min(self.filled.1)), PATH_LIMIT);
            }
            _ => return None,
        }
        Some(())
    }

    /// The first of the bytes that were put into an array of `iovec`.
    fn read(&mut self, read: u32) -> Option<()> {
        let (array, count) = self.filled;
        for i in 0..count.min(ARRAY_LIMIT) {
            let [pointer, length] = pair_at(array.wrapping_add(i * 8))?;
            if length > 0 {
                let shown = read.min(length);
                self.string((pointer, shown), CONTENTS_LIMIT);
                if read > length && shown as usize <= CONTENTS_LIMIT {
                    self.text(b"...");
                }
                return Some(());
            }
        }
        self.text(b"\"\"");
        Some(())
    }

    fn filestat(&mut self, pointer: u32, size: u32) -> Option<()> {
        let [filetype] = guest::try_read(pointer.wrapping_add(16))?;
        self.text(b"{filetype: ");
        self.member(b"filetype", u64::from(filetype));
        self.text(b", size: ");
        self.number(u64::from_le_bytes(guest::try_read(pointer.wrapping_add(size))?));
        self.text(b"}");
        Some(())
    }
}

/// Two numbers of 32 bits.
fn pair_at(pointer: u32) -> Option<[u32; 2]> {
    let bytes = guest::try_read::<8>(pointer)?;
    Some([u32::from_le_bytes(take(&bytes, 0)), u32::from_le_bytes(take(&bytes, 4))])
}

/// Bytes of a structure.
fn take<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let field = bytes.get(offset..).and_then(|rest| rest.first_chunk());
    field.copied().unwrap_or([0; N])
}
