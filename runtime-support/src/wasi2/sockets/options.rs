//! Options of sockets, in the units of WIT.

use super::{ErrorCode, Result};
use crate::sys::file::Fd;
use crate::sys::inet::{self, Family, SocketOption};

const SECOND: u64 = 1_000_000_000;

/// The largest values that every system takes.
const MOST_SECONDS: u64 = i16::MAX as u64;
const MOST_PROBES: u32 = i8::MAX as u32;
const MOST_BYTES: u64 = i32::MAX as u64;

pub fn get(fd: Fd, option: SocketOption) -> Result<u32> {
    Ok(inet::option(fd, option)?)
}

pub fn set(fd: Fd, option: SocketOption, value: u32) -> Result<()> {
    Ok(inet::set_option(fd, option, value)?)
}

/// An option in nanoseconds.
pub fn duration(fd: Fd, option: SocketOption) -> Result<u64> {
    Ok(u64::from(get(fd, option)?) * SECOND)
}

pub fn set_duration(fd: Fd, option: SocketOption, nanoseconds: u64) -> Result<()> {
    check_not_zero(nanoseconds)?;
    set(fd, option, nanoseconds.div_ceil(SECOND).clamp(1, MOST_SECONDS) as u32)
}

pub fn set_probes(fd: Fd, count: u32) -> Result<()> {
    check_not_zero(count.into())?;
    set(fd, SocketOption::KeepAliveCount, count.min(MOST_PROBES))
}

/// The size of a buffer.
pub fn size(fd: Fd, option: SocketOption) -> Result<u64> {
    Ok(get(fd, option)?.into())
}

/// As large as the system permits.
pub fn set_size(fd: Fd, option: SocketOption, bytes: u64) -> Result<()> {
    check_not_zero(bytes)?;
    set(fd, option, bytes.min(MOST_BYTES) as u32)
}

fn hop_limit_of(family: Family) -> SocketOption {
    match family {
        Family::Ipv4 => SocketOption::HopLimitIpv4,
        Family::Ipv6 => SocketOption::HopLimitIpv6,
    }
}

pub fn hop_limit(fd: Fd, family: Family) -> Result<u8> {
    u8::try_from(get(fd, hop_limit_of(family))?).map_err(|_| ErrorCode::NotSupported)
}

pub fn set_hop_limit(fd: Fd, family: Family, limit: u8) -> Result<()> {
    check_not_zero(limit.into())?;
    set(fd, hop_limit_of(family), limit.into())
}

fn check_not_zero(value: u64) -> Result<()> {
    if value == 0 { Err(ErrorCode::InvalidArgument) } else { Ok(()) }
}
