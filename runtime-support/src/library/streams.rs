//! Standard streams that are functions of the embedder.

use crate::sys::file::{Fd, IoVec};
use crate::wasi::descriptor::{Descriptor, Kind, NO_HOST};
use crate::wasi::types::{Errno, Result};

use super::options::given;

/// The descriptor of a stream of the options; none if the program doesn't get the stream.
pub fn of(stream: isize) -> Option<Fd> {
    if stream < 0 { None } else { Some(stream as Fd) }
}

/// Whether the stream is a function of the embedder.
fn is_called(descriptor: &Descriptor, kind: Kind) -> bool {
    descriptor.kind == kind && descriptor.host == NO_HOST
}

/// Reads from the stream, if it is a function of the embedder.
pub fn read(descriptor: &Descriptor, pieces: &[IoVec]) -> Option<Result<usize>> {
    if !is_called(descriptor, Kind::Stdin) {
        return None;
    }
    let given = given();
    let read = given.read?;
    Some(transfer(pieces, |piece| read(given.context, piece.base, piece.length)))
}

/// Writes to the stream, if it is a function of the embedder.
pub fn write(descriptor: &Descriptor, pieces: &[IoVec]) -> Option<Result<usize>> {
    if !is_called(descriptor, Kind::Stdout) {
        return None;
    }
    let given = given();
    let write = given.write?;
    let stream = i32::from(descriptor.grant);
    Some(transfer(pieces, |piece| write(given.context, stream, piece.base, piece.length)))
}

/// Transfers piece after piece, until one isn't transferred whole. An error counts if it is the first's.
fn transfer(pieces: &[IoVec], mut piece: impl FnMut(&IoVec) -> isize) -> Result<usize> {
    let mut total = 0;
    for one in pieces {
        match usize::try_from(piece(one)) {
            Ok(done) => {
                // What the embedder says is no more than there is.
                total += done.min(one.length);
                if done < one.length {
                    break;
                }
            }
            Err(_) if total > 0 => break,
            Err(_) => return Err(Errno::IO),
        }
    }
    Ok(total)
}
