//! `poll_oneoff`: waiting for time to pass and for descriptors to become ready.
//!
//! The guest's arrays are read twice, once to set up the wait and once to report what happened; each
//! time every field is checked, as the second array may overlay the first.

use core::mem::MaybeUninit;

use crate::memory::guest;
use crate::sys::clock::{self, Clock};
use crate::sys::file::{self, Whence};
use crate::sys::poll::{self, PollFd};
use crate::sys::socket;
use crate::sys::{self, GUARD_BYTES};

use super::descriptor::{self, Descriptor, Kind};
use super::types::{Errno, Result, answer, put};

/// Bytes of `event`.
const EVENT: u32 = 32;

/// Descriptors in one call for which there is room on the stack without further ado.
const FEW: usize = 1024;

/// Most descriptors in one call. The room for them is on the stack, and must not step over the guard below it.
const MOST: usize = descriptor::CAPACITY;
const _: () = assert!(MOST * size_of::<PollFd>() <= GUARD_BYTES / 2);

/// `subscription`, in words of 8 bytes: user data, tag; for a clock from word `CLOCK` on its id, time,
/// precision, flags; for a descriptor its number in word 2.
struct Subscription {
    user_data: u64,
    event: Event,
}

enum Event {
    Clock { id: u32, time: u64, absolute: bool },
    Read(u32),
    Write(u32),
}

impl Subscription {
    fn read<const WORDS: usize, const CLOCK: usize>(array: u32, i: u32) -> Result<Subscription> {
        let words = guest::read_words::<WORDS>(element(array, i, 8 * WORDS as u32));
        let word = |i: usize| words.get(i).copied().unwrap_or(0);
        let event = match word(1) as u8 {
            0 => {
                let (id, time, flags) = (word(CLOCK) as u32, word(CLOCK + 1), word(CLOCK + 3) as u16);
                if id > 3 || flags > 1 {
                    return Err(Errno::INVAL);
                }
                Event::Clock { id, time, absolute: flags == 1 }
            }
            1 => Event::Read(word(2) as u32),
            2 => Event::Write(word(2) as u32),
            _ => return Err(Errno::INVAL),
        };
        Ok(Subscription { user_data: word(0), event })
    }
}

/// The moment from which the wait counts, on the clocks that matter to it; the others aren't read.
struct Start {
    monotonic: Option<u64>,
    realtime: Option<u64>,
    /// Nothing else is waited for.
    alone: bool,
}

/// The time that was taken, or that is taken now.
fn taken(time: &mut Option<u64>, clock: Clock) -> Result<u64> {
    if time.is_none() {
        *time = Some(clock::now(clock)?);
    }
    Ok(time.unwrap_or(0))
}

impl Start {
    /// The time that a clock subscription waits.
    fn wait(&mut self, id: u32, time: u64, absolute: bool) -> Result<u64> {
        let monotonic = taken(&mut self.monotonic, Clock::Monotonic)?;
        match (id, absolute) {
            (0 | 1, false) => Ok(time),
            // The clocks of processor time. As in wasmtime, a sleep is one of time whatever the clock.
            (2 | 3, false) if self.alone => Ok(time),
            (0, true) => Ok(time.saturating_sub(taken(&mut self.realtime, Clock::Realtime)?)),
            (1, true) => Ok(time.saturating_sub(monotonic)),
            _ => Err(Errno::INVAL),
        }
    }

    /// The time that has passed, if it matters.
    fn elapsed(&self) -> Result<u64> {
        match self.monotonic {
            Some(start) => Ok(clock::now(Clock::Monotonic)?.saturating_sub(start)),
            None => Ok(0),
        }
    }
}

fn readable(number: u32) -> Result<Descriptor> {
    let descriptor = descriptor::peek(number)?;
    match descriptor.kind {
        Kind::Stdin | Kind::File | Kind::Bundled | Kind::Listener | Kind::Socket => Ok(descriptor),
        _ => Err(Errno::BADF),
    }
}

fn writable(number: u32) -> Result<Descriptor> {
    let descriptor = descriptor::peek(number)?;
    match descriptor.kind {
        Kind::Stdout | Kind::File | Kind::Bundled | Kind::Socket => Ok(descriptor),
        _ => Err(Errno::BADF),
    }
}

/// The `i`th element of an array whose end has been checked.
fn element(array: u32, i: u32, size: u32) -> u32 {
    array.wrapping_add(i.wrapping_mul(size))
}

/// Waits until at least one of `fds` is ready or `timeout` has passed since `start`.
fn wait(fds: &mut [PollFd], timeout: Option<u64>, start: &Start) -> Result<()> {
    let mut rest = timeout;
    loop {
        match poll::poll(fds, rest) {
            Ok(0) | Err(sys::Errno::INTR) => {}
            other => return Ok(other.map(drop)?),
        }
        if let Some(timeout) = timeout {
            let left = timeout.saturating_sub(start.elapsed()?);
            if left == 0 {
                return Ok(());
            }
            rest = Some(left);
        }
    }
}

/// The number of bytes that can be read, as far as the system says, and whether they are the last ones.
fn what_is_readable(descriptor: &Descriptor, polled: &PollFd) -> (u64, bool) {
    match descriptor.kind {
        Kind::Socket => {
            let available = socket::available(descriptor.host).unwrap_or(0);
            (available.max(1).into(), polled.is_hung_up())
        }
        _ => (1, is_at_end(descriptor)),
    }
}

/// Whether everything of a file has been read. What has no positions always has more.
fn is_at_end(descriptor: &Descriptor) -> bool {
    match descriptor.kind {
        Kind::File => {}
        Kind::Bundled => return descriptor.next_offset >= descriptor.next_cookie.into(),
        _ => return false,
    }
    match (file::stat(descriptor.host), file::seek(descriptor.host, 0, Whence::Current)) {
        (Ok(stat), Ok(position)) => position >= stat.size,
        _ => false,
    }
}

/// `event`: user data at 0, error at 8, type at 10, bytes at 16, flags at 24.
fn write_event(pointer: u32, user_data: u64, tag: u8, bytes: u64, hang_up: bool) {
    let mut event = [0; EVENT as usize];
    put(&mut event, 0, user_data.to_le_bytes());
    put(&mut event, 10, [tag]);
    put(&mut event, 16, bytes.to_le_bytes());
    put(&mut event, 24, [hang_up.into()]);
    guest::write(pointer, 8, event);
}

/// `WORDS`, `CLOCK`: how subscriptions are laid out.
pub fn poll_oneoff<const WORDS: usize, const CLOCK: usize>(
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> Result<()> {
    let poll =
        if count as usize <= FEW { with_room::<WORDS, CLOCK, FEW> } else { with_room::<WORDS, CLOCK, MOST> };
    poll(subscriptions, events, count, result)
}

/// With room for `N` descriptors.
#[inline(never)]
fn with_room<const WORDS: usize, const CLOCK: usize, const N: usize>(
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> Result<()> {
    let mut slots = [const { MaybeUninit::<PollFd>::uninit() }; N];
    poll_with::<WORDS, CLOCK>(&mut slots, subscriptions, events, count, result)
}

fn poll_with<const WORDS: usize, const CLOCK: usize>(
    slots: &mut [MaybeUninit<PollFd>],
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> Result<()> {
    if count == 0 {
        return Err(Errno::INVAL);
    }
    guest::check_writable(subscriptions, u64::from(count) * 8 * WORDS as u64, 8);
    guest::check_writable(events, u64::from(count) * u64::from(EVENT), 8);

    let mut filled = 0;
    let mut timeout = None;
    let mut start = Start { monotonic: None, realtime: None, alone: count == 1 };
    for i in 0..count {
        let fd = match Subscription::read::<WORDS, CLOCK>(subscriptions, i)?.event {
            Event::Clock { id, time, absolute } => {
                let wait = start.wait(id, time, absolute)?;
                timeout = Some(timeout.map_or(wait, |least: u64| least.min(wait)));
                continue;
            }
            Event::Read(number) => PollFd::readable(readable(number)?.host),
            Event::Write(number) => PollFd::writable(writable(number)?.host),
        };
        if fd.is_always_ready() {
            timeout = Some(0);
        }
        slots.get_mut(filled).ok_or(Errno::NOMEM)?.write(fd);
        filled += 1;
    }
    let slots = slots.get_mut(..filled).unwrap_or_default();
    // SAFETY: the first `filled` slots have been written.
    let fds = unsafe { slots.assume_init_mut() };
    wait(fds, timeout, &start)?;

    let elapsed = start.elapsed()?;
    let mut fds = fds.iter();
    let mut happened = 0;
    for i in 0..count {
        let subscription = Subscription::read::<WORDS, CLOCK>(subscriptions, i)?;
        let (tag, bytes, hang_up) = match subscription.event {
            Event::Clock { id, time, absolute } => {
                if start.wait(id, time, absolute)? > elapsed {
                    continue;
                }
                (0, 0, false)
            }
            Event::Read(number) => {
                let Some(polled) = fds.next().filter(|fd| fd.is_ready()) else { continue };
                let (bytes, hang_up) = what_is_readable(&readable(number)?, polled);
                (1, bytes, hang_up)
            }
            Event::Write(number) => {
                let Some(polled) = fds.next().filter(|fd| fd.is_ready()) else { continue };
                let is_socket = writable(number)?.kind == Kind::Socket;
                (2, 1, is_socket && polled.is_hung_up())
            }
        };
        let pointer = element(events, happened, EVENT);
        write_event(pointer, subscription.user_data, tag, bytes, hang_up);
        happened += 1;
    }
    guest::write_u32(result, happened);
    Ok(())
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_poll_oneoff(subscriptions: u32, events: u32, count: u32, result: u32) -> i32 {
    answer(poll_oneoff::<6, 2>(subscriptions, events, count, result))
}
