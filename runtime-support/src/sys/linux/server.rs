//! What servers need beside sockets: waiting for many descriptors, processes, signals that end a server, and pages that
//! become what they were.

use linux_raw_sys::general::{
    __NR_clone, __NR_epoll_create1, __NR_epoll_ctl, __NR_epoll_pwait, __NR_eventfd2, __NR_getpid,
    __NR_getppid, __NR_kill, __NR_madvise, __NR_mprotect, __NR_munmap, __NR_prctl, __NR_prlimit64,
    __NR_setitimer, __NR_setsockopt, __NR_wait4, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLIN, EPOLLOUT,
    ITIMER_REAL, MADV_DONTNEED, O_CLOEXEC, O_NONBLOCK, PROT_NONE, RLIMIT_NOFILE, SIGALRM, SIGCHLD, SIGINT,
    SIGTERM, WNOHANG,
};
use linux_raw_sys::net::{IPPROTO_TCP, SO_LINGER, SOL_SOCKET, TCP_NODELAY, TCP_USER_TIMEOUT};

use super::context::Context;
use super::file::{self, Fd, IoVec, Position};
use super::signal;
use super::{Errno, Result, check, syscall3, syscall4, syscall6};

/// What to wait for at a descriptor. Errors and hang-ups are always waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    Nothing,
    Readable,
    Writable,
}

/// `struct epoll_event`, which is packed on x86-64 only.
#[derive(Clone, Copy)]
#[cfg_attr(target_arch = "x86_64", repr(C, packed))]
#[cfg_attr(not(target_arch = "x86_64"), repr(C))]
pub struct Event {
    events: u32,
    data: u64,
}

impl Event {
    pub const NONE: Event = Event { events: 0, data: 0 };

    /// What the descriptor was added with.
    pub fn data(&self) -> u64 {
        self.data
    }
}

/// Opens what waits for many descriptors.
pub fn open_waiter() -> Result<Fd> {
    // SAFETY: takes no pointers.
    check(unsafe { syscall3(__NR_epoll_create1, O_CLOEXEC as usize, 0, 0) }).map(|fd| fd as Fd)
}

fn control(waiter: Fd, operation: u32, fd: Fd, data: u64, interest: Interest) -> Result<()> {
    let events = match interest {
        Interest::Nothing => 0,
        Interest::Readable => EPOLLIN,
        Interest::Writable => EPOLLOUT,
    };
    let event = Event { events, data };
    let at = &raw const event as usize;
    // SAFETY: the kernel reads the event.
    check(unsafe { syscall4(__NR_epoll_ctl, waiter as usize, operation as usize, fd as usize, at) }).map(drop)
}

/// Waits for a descriptor, too, until it is closed. `data` tells it from others.
pub fn add(waiter: Fd, fd: Fd, data: u64, interest: Interest) -> Result<()> {
    control(waiter, EPOLL_CTL_ADD, fd, data, interest)
}

/// Changes what is waited for at a descriptor.
pub fn change(waiter: Fd, fd: Fd, data: u64, interest: Interest) -> Result<()> {
    control(waiter, EPOLL_CTL_MOD, fd, data, interest)
}

/// Waits until something happens, a signal arrives, or so many milliseconds have passed (none: for ever). The number of
/// events at the front of `events`.
pub fn wait(waiter: Fd, events: &mut [Event], milliseconds: Option<u32>) -> usize {
    let timeout = milliseconds.map_or(-1, |milliseconds| milliseconds as isize) as usize;
    let (start, most) = (events.as_mut_ptr() as usize, events.len());
    // SAFETY: the kernel writes `most` events at most.
    check(unsafe { syscall6(__NR_epoll_pwait, waiter as usize, start, most, timeout, 0, 0) }).unwrap_or(0)
}

/// Sends small parts of responses at once, and gives up a peer that takes nothing for so many milliseconds. Both are
/// improvements only, so errors don't matter.
pub fn tune(fd: Fd, milliseconds: u32) {
    set(fd, IPPROTO_TCP as u32, TCP_NODELAY, &1u32);
    set(fd, IPPROTO_TCP as u32, TCP_USER_TIMEOUT, &milliseconds);
}

/// Has the peer see an error when the connection is closed, and not an end.
pub fn cut(fd: Fd) {
    // `struct linger`: on, for no time.
    set(fd, SOL_SOCKET, SO_LINGER, &[1u32, 0]);
}

fn set<T>(fd: Fd, level: u32, name: u32, value: &T) {
    let (at, bytes) = (&raw const *value as usize, size_of::<T>());
    // SAFETY: the kernel reads the value.
    unsafe { syscall6(__NR_setsockopt, fd as usize, level as usize, name as usize, at, bytes, 0) };
}

/// Lets the process have `wanted` open descriptors, or as many as it may have; how many that are.
pub fn allow_descriptors(wanted: u64) -> u64 {
    // `struct rlimit64`: what is in force, and what it can be raised to.
    let mut limit = [0u64; 2];
    let at = &raw mut limit as usize;
    // SAFETY: the kernel writes the structure.
    if check(unsafe { syscall4(__NR_prlimit64, 0, RLIMIT_NOFILE as usize, 0, at) }).is_err() {
        return wanted;
    }
    let [current, most] = limit;
    if current >= wanted {
        return current;
    }
    let raised = [wanted.min(most), most];
    // SAFETY: the kernel reads the structure.
    match check(unsafe { syscall4(__NR_prlimit64, 0, RLIMIT_NOFILE as usize, &raw const raised as usize, 0) })
    {
        Ok(_) => raised[0],
        Err(_) => current,
    }
}

/// What becomes readable when the process is told to end: it is asked to once, and then ended.
static mut STOP: Fd = -1;

/// Whether it has been asked to.
static mut ASKED: bool = false;

/// The signals that end a server, as a set of the kernel's.
static STOP_SET: u64 = 1 << (SIGTERM - 1) | 1 << (SIGINT - 1);

/// Opens a descriptor that becomes readable when SIGTERM or SIGINT arrives; the second one ends the process. In a child, it
/// takes the place of the one of the parent.
pub fn open_stop() -> Result<Fd> {
    // SAFETY: takes no pointers.
    let stop = check(unsafe { syscall3(__NR_eventfd2, 0, (O_CLOEXEC | O_NONBLOCK) as usize, 0) })? as Fd;
    // SAFETY: no handler reads them: there is none yet, or, in a child, the signals are blocked.
    let of_parent = unsafe {
        ASKED = false;
        (&raw mut STOP).replace(stop)
    };
    if of_parent != -1 {
        file::close(of_parent);
    }
    for signal in [SIGTERM, SIGINT] {
        signal::direct(signal, asked_to_stop);
    }
    signal::unblock(&STOP_SET);
    Ok(stop)
}

/// # Safety
/// Called by the kernel as a signal handler.
unsafe extern "C" fn asked_to_stop(signal: i32, _info: *const u8, _context: *mut Context) {
    // SAFETY: signals of a process that has one thread; the write reads 8 bytes that are ours.
    unsafe {
        if ASKED {
            return signal::pass_on(signal as u32);
        }
        ASKED = true;
        let one = 1u64;
        let piece = IoVec { base: (&raw const one).cast_mut().cast(), length: size_of::<u64>() };
        _ = file::write(STOP, &[piece], Position::Current);
    }
}

/// Called when an alarm goes off, whatever the process is doing then.
pub type Alarm = extern "C" fn();

static mut ALARM: Option<Alarm> = None;

/// Has `alarm` called on the signal stack so many seconds from now; 0: not at all.
pub fn set_alarm(seconds: u64, alarm: Alarm) {
    // SAFETY: there is one thread; the kernel reads the `struct itimerval`.
    unsafe {
        let known = ALARM;
        ALARM = Some(alarm);
        if known.is_none() {
            signal::direct(SIGALRM, alarmed);
            signal::unblock(&(1 << (SIGALRM - 1)));
        }
        let timer = [0u64, 0, seconds, 0];
        syscall3(__NR_setitimer, ITIMER_REAL as usize, &raw const timer as usize, 0);
    }
}

/// # Safety
/// Called by the kernel as a signal handler.
unsafe extern "C" fn alarmed(_signal: i32, _info: *const u8, _context: *mut Context) {
    // SAFETY: set before the handler was.
    if let Some(alarm) = unsafe { ALARM } {
        alarm();
    }
}

/// What a process is after a fork.
pub enum Forked {
    Child,
    /// With the number of the child.
    Parent(u32),
}

/// Makes another process of this one, which ends when its parent does. The child must call [`open_stop`]: until then, signals
/// that would end it wait, as they would be told to the parent.
pub fn fork() -> Result<Forked> {
    // SAFETY: takes no pointers.
    let parent = unsafe { syscall3(__NR_getpid, 0, 0, 0) };
    signal::block(&STOP_SET);
    // On s390x the flags are the second argument.
    let arguments = if cfg!(target_arch = "s390x") { [0, SIGCHLD as usize] } else { [SIGCHLD as usize, 0] };
    // SAFETY: without a stack and without flags, it is a fork: the child has copies of everything.
    let child = check(unsafe { syscall6(__NR_clone, arguments[0], arguments[1], 0, 0, 0, 0) });
    if child != Ok(0) {
        signal::unblock(&STOP_SET);
        return child.map(|child| Forked::Parent(child as u32));
    }
    const PR_SET_PDEATHSIG: usize = 1;
    // SAFETY: takes no pointers.
    let now = unsafe {
        syscall3(__NR_prctl, PR_SET_PDEATHSIG, SIGTERM as usize, 0);
        syscall3(__NR_getppid, 0, 0, 0)
    };
    // A parent that has ended before can't tell. One in another namespace of processes has the number 0.
    if now != parent && now != 0 {
        super::exit(0);
    }
    Ok(Forked::Child)
}

/// Waits until a child ends (`true`: until then, or until a signal arrives); its number. None if none has ended yet.
///
/// # Errors
/// If there is none.
pub fn wait_child(waits: bool) -> Result<Option<u32>> {
    let options = if waits { 0 } else { WNOHANG as usize };
    // SAFETY: nothing is written.
    match check(unsafe { syscall4(__NR_wait4, usize::MAX, 0, options, 0) }) {
        Ok(0) | Err(Errno::INTR) => Ok(None),
        ended => ended.map(|child| Some(child as u32)),
    }
}

/// Asks a child to end.
pub fn stop_child(child: u32) {
    // SAFETY: takes no pointers.
    unsafe { syscall3(__NR_kill, child as usize, SIGTERM as usize, 0) };
}

/// Makes pages what they were before anybody wrote to them: those of a file, or zeroes.
///
/// # Safety
/// The range is the caller's, and nothing refers to it.
pub unsafe fn restore(address: *mut u8, bytes: usize) -> Result<()> {
    // SAFETY: as the caller promises. The system refuses pages that are locked.
    check(unsafe { syscall3(__NR_madvise, address.addr(), bytes, MADV_DONTNEED as usize) }).map(drop)
}

/// Makes pages inaccessible.
///
/// # Safety
/// As for [`restore`].
pub unsafe fn hide(address: *mut u8, bytes: usize) -> Result<()> {
    // SAFETY: as the caller promises.
    check(unsafe { syscall3(__NR_mprotect, address.addr(), bytes, PROT_NONE as usize) }).map(drop)
}

/// Gives pages back.
///
/// # Safety
/// As for [`restore`].
pub unsafe fn unmap(address: *mut u8, bytes: usize) {
    // SAFETY: as the caller promises.
    unsafe { syscall3(__NR_munmap, address.addr(), bytes, 0) };
}
