//! Several processes that answer requests, each one at a time. They share the listening socket: whoever is free accepts.

use core::cell::Cell;

use super::options::MOST_WORKERS;
use crate::fail::fail;
use crate::line::Line;
use crate::sys;
use crate::sys::file::Fd;
use crate::sys::poll::{self, PollFd};
use crate::sys::server::{self, Forked};

/// Nanoseconds before a worker that has ended is replaced: one that can't live shouldn't keep the machine busy.
const PAUSE: u64 = 100_000_000;

/// The number of a worker that isn't there.
const NONE: u32 = 0;

/// Returns in each worker, with what becomes readable when it shall end. With several, this process, which is told to by
/// `stop`, only looks after them.
pub fn start(count: usize, stop: Fd) -> Fd {
    if count == 1 {
        return stop;
    }
    let workers: [Cell<u32>; MOST_WORKERS] = [const { Cell::new(NONE) }; MOST_WORKERS];
    let workers = workers.get(..count).unwrap_or_default();
    for worker in workers {
        if let Some(stop) = start_one(worker) {
            return stop;
        }
        if worker.get() == NONE {
            fail(b"a worker can't be started");
        }
    }
    loop {
        let mut stopped = [PollFd::readable(stop)];
        // A child that ends doesn't interrupt it.
        _ = poll::poll(&mut stopped, Some(PAUSE));
        if stopped.iter().any(PollFd::is_ready) {
            end(workers);
        }
        while let Ok(Some(ended)) = server::wait_child(false) {
            let Some(worker) = workers.iter().find(|worker| worker.get() == ended) else { continue };
            Line::<64>::new().text(b"worker ").number(ended as usize, 10).text(b" has ended\n").print();
            worker.set(NONE);
        }
        // Those for which there was no process or no memory, too: there may be later.
        for worker in workers.iter().filter(|worker| worker.get() == NONE) {
            if let Some(stop) = start_one(worker) {
                return stop;
            }
        }
    }
}

/// Starts a worker, if the system lets it; in it, what becomes readable when it shall end.
fn start_one(worker: &Cell<u32>) -> Option<Fd> {
    match server::fork() {
        Ok(Forked::Parent(child)) => {
            worker.set(child);
            None
        }
        // Its own, so that it isn't told what the others are told.
        Ok(Forked::Child) => match server::open_stop() {
            Ok(stop) => Some(stop),
            Err(_) => fail(b"no descriptors for a worker"),
        },
        Err(_) => None,
    }
}

/// Ends all workers, and then the process.
fn end(workers: &[Cell<u32>]) -> ! {
    for worker in workers.iter().filter(|worker| worker.get() != NONE) {
        server::stop_child(worker.get());
    }
    while server::wait_child(true).is_ok() {}
    sys::exit(0)
}
