//! Clocks and random numbers in a program that runs on the build host for its state (`wasm_aot_abi::preinit`): the same in
//! each build, since they may become part of the state.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::memory::guest;
use crate::sys::clock::Clock;

use super::clock::clock;
use super::types::{Result, answer};

/// Nanoseconds by which the clocks go on whenever one is read; also their resolution.
const TICK: u64 = 1000;

/// When the program starts: at the beginning of 1980, the earliest time that all formats of archives can express.
const START: u64 = 315_532_800 * 1_000_000_000;

static TICKS: AtomicU64 = AtomicU64::new(0);

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_fixed_clock_res_get(id: u32, resolution: u32) -> i32 {
    answer(clock(id).map(|_| guest::write_u64(resolution, TICK)))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_fixed_clock_time_get(id: u32, _precision: u64, time: u32) -> i32 {
    answer(now(id).map(|now| guest::write_u64(time, now)))
}

fn now(id: u32) -> Result<u64> {
    let start = if clock(id)? == Clock::Realtime { START } else { 0 };
    // What has been read is never later than what the clocks of the program that starts with the state will show.
    Ok(start + TICK * (TICKS.fetch_add(1, Ordering::Relaxed) + 1))
}

static STATE: AtomicU64 = AtomicU64::new(0);

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), from 0 on.
fn random() -> u64 {
    const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
    let state = STATE.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
    let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_fixed_random_get(buffer: u32, length: u32) -> i32 {
    let start = guest::range(buffer, length.into());
    for at in (0..length as usize).step_by(8) {
        let bytes = random().to_le_bytes();
        let count = (length as usize - at).min(bytes.len());
        // SAFETY: `range` has checked that the bytes exist; nothing refers to them.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), start.add(at), count) };
    }
    0
}
