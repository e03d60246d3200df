//! The arguments and the environment of the process, which are converted when they are asked for.

use core::cell::UnsafeCell;
use core::ptr;

use super::api::{GetCommandLineW, GetEnvironmentStringsW};
use super::map;
use super::name::utf8;
use crate::sys::lock::Lock;

/// Whether the process has more rights than the user who started it. Here it never has.
pub fn is_privileged() -> bool {
    false
}

/// Strings that were converted, and held by whoever uses them: threads may ask for them at once.
struct Strings(UnsafeCell<&'static [*const u8]>, Lock);

// SAFETY: the lock is held by whoever uses them.
unsafe impl Sync for Strings {}

static ARGUMENTS: Strings = Strings(UnsafeCell::new(&[]), Lock::new());
static ENVIRONMENT: Strings = Strings(UnsafeCell::new(&[]), Lock::new());

impl Strings {
    /// The strings, converted by `convert` unless they are already.
    fn get(&self, convert: impl FnOnce() -> &'static [*const u8]) -> &'static [*const u8] {
        let _held = self.1.lock();
        // SAFETY: the lock is held, and `convert` doesn't come here.
        unsafe {
            let strings = &mut *self.0.get();
            if strings.is_empty() {
                *strings = convert();
            }
            strings
        }
    }
}

/// Finds out what the system handed to the process, whose entry was another: nothing that libraries need.
///
/// # Safety
/// None.
#[cfg(feature = "libraries")]
pub unsafe fn read_process() {}

/// The arguments of the process, NUL-terminated.
pub fn arguments() -> &'static [*const u8] {
    ARGUMENTS.get(|| {
        // SAFETY: a terminated string that nobody changes.
        let line = unsafe { terminated(GetCommandLineW()) };
        let room = Room::new(3 * line.len() + 2, line.len() / 2 + 2);
        divide(line, room)
    })
}

/// The environment of the process: NUL-terminated `KEY=VALUE` strings.
pub fn environment() -> &'static [*const u8] {
    ENVIRONMENT.get(|| {
        // SAFETY: terminated strings, one after the other, and an empty one, which nobody changes.
        let (block, count) = unsafe {
            let start = GetEnvironmentStringsW();
            let (mut length, mut count) = (0, 0);
            loop {
                let string = terminated(start.add(length));
                if string.is_empty() {
                    break;
                }
                length += string.len() + 1;
                count += 1;
            }
            (core::slice::from_raw_parts(start, length), count)
        };
        let mut room = Room::new(3 * block.len(), count);
        // Names that start with `=` are the system's own: working directories of drives.
        for string in block.split(|unit| *unit == 0).filter(|string| string.first() != Some(&EQUALS)) {
            if !string.is_empty() {
                utf8(string.iter().copied(), |bytes| room.add(bytes));
                room.end_string();
            }
        }
        room.finish()
    })
}

const EQUALS: u16 = b'=' as u16;
const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;

fn is_blank(unit: u16) -> bool {
    unit == b' '.into() || unit == b'\t'.into()
}

/// The string at `start`, without its NUL.
///
/// # Safety
/// It is terminated, and nobody writes it for as long as the program runs.
unsafe fn terminated(start: *const u16) -> &'static [u16] {
    let mut length = 0;
    // SAFETY: no unit after the first NUL is read. Volatile, so that the loop isn't taken for a `wcslen`.
    unsafe {
        while start.add(length).read_volatile() != 0 {
            length += 1;
        }
        core::slice::from_raw_parts(start, length)
    }
}

/// Divides a command line into arguments as C libraries do ("Parsing C command-line arguments"): in the first,
/// which is the program, backslashes are nothing special.
fn divide(line: &[u16], mut room: Room) -> &'static [*const u8] {
    let mut rest = line;
    let mut quoted = false;
    let program = rest.iter().position(|&unit| {
        quoted ^= unit == QUOTE;
        !quoted && is_blank(unit)
    });
    let (program, after) = rest.split_at(program.unwrap_or(rest.len()));
    utf8(program.iter().copied().filter(|unit| *unit != QUOTE), |bytes| room.add(bytes));
    room.end_string();
    rest = after;
    loop {
        let blanks = rest.iter().take_while(|unit| is_blank(**unit)).count();
        rest = rest.get(blanks..).unwrap_or_default();
        if rest.is_empty() {
            return room.finish();
        }
        utf8(Argument { rest: &mut rest, quoted: false, backslashes: 0, quote: false }, |bytes| {
            room.add(bytes)
        });
        room.end_string();
    }
}

/// The units of one argument; `rest` is what follows it in the end.
struct Argument<'a, 'b> {
    rest: &'b mut &'a [u16],
    quoted: bool,
    /// Backslashes that are still to be given, and whether a quotation mark is after them.
    backslashes: usize,
    quote: bool,
}

impl Iterator for Argument<'_, '_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        loop {
            if self.backslashes > 0 {
                self.backslashes -= 1;
                return Some(BACKSLASH);
            }
            if core::mem::take(&mut self.quote) {
                return Some(QUOTE);
            }
            let (&unit, after) = self.rest.split_first()?;
            match unit {
                BACKSLASH => {
                    let count = self.rest.iter().take_while(|unit| **unit == BACKSLASH).count();
                    let after = self.rest.get(count..).unwrap_or_default();
                    if after.first() == Some(&QUOTE) {
                        // Two stand for one, and a last one for the quotation mark itself.
                        self.backslashes = count / 2;
                        self.quote = count % 2 == 1;
                        *self.rest = if self.quote { after.get(1..).unwrap_or_default() } else { after };
                    } else {
                        self.backslashes = count;
                        *self.rest = after;
                    }
                    if count == 1 && self.backslashes == 0 && !self.quote {
                        continue;
                    }
                }
                QUOTE => {
                    *self.rest = after;
                    // Within quotation marks, two stand for one.
                    if self.quoted && after.first() == Some(&QUOTE) {
                        *self.rest = after.get(1..).unwrap_or_default();
                        return Some(QUOTE);
                    }
                    self.quoted = !self.quoted;
                }
                unit if is_blank(unit) && !self.quoted => return None,
                unit => {
                    *self.rest = after;
                    return Some(unit);
                }
            }
        }
    }
}

/// Memory for strings, and pointers at them.
struct Room {
    pointers: *mut *const u8,
    count: usize,
    most: usize,
    /// Where the next string is put, what there is of it, and where the room ends.
    start: *mut u8,
    length: usize,
    bytes: usize,
}

impl Room {
    /// Room for this number of bytes, terminators included, and of strings.
    fn new(bytes: usize, strings: usize) -> Room {
        let table = strings * size_of::<*const u8>();
        let Ok(memory) = map::map(0, table + bytes + 1, true) else {
            super::write_stderr(b"wasm-aot: no memory for the arguments\n");
            super::exit(1);
        };
        // SAFETY: in the memory that was just mapped.
        let start = unsafe { memory.add(table) };
        Room { pointers: memory.cast(), count: 0, most: strings, start, length: 0, bytes }
    }

    fn add(&mut self, bytes: &[u8]) {
        if bytes.len() < self.bytes - self.length {
            // SAFETY: there is room for them and a terminator.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.add(self.length), bytes.len()) };
            self.length += bytes.len();
        }
    }

    /// The memory is zero: there is a terminator.
    fn end_string(&mut self) {
        if self.count < self.most && self.length < self.bytes {
            // SAFETY: there is room for the pointer, and the string is in the memory.
            unsafe {
                self.pointers.add(self.count).write(self.start);
                self.start = self.start.add(self.length + 1);
            }
            self.count += 1;
            self.bytes -= self.length + 1;
            self.length = 0;
        }
    }

    fn finish(self) -> &'static [*const u8] {
        // SAFETY: `count` pointers have been written; the memory is never unmapped.
        unsafe { core::slice::from_raw_parts(self.pointers, self.count) }
    }
}
