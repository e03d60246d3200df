//! As zlib.c, by the generated wrappers, which need no `unsafe`.

use std::io::Read;

#[path = "zlib_wasm.rs"]
mod zlib_wasm;

use zlib_wasm::{Instance, Options, Trap};

unsafe extern "C" {
    fn bound(length: usize) -> usize;
    fn pack(from: *const u8, length: usize, to: *mut u8, room: usize, level: i32) -> i32;
}

fn main() -> Result<(), Trap> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).expect("there is standard input");
    let length = input.len();
    // SAFETY: takes no pointers.
    let mut packed = vec![0; unsafe { bound(length) }];
    let room = packed.len();

    let mut zlib = Instance::new(Options::default())?;
    let from = zlib.allocate(length as i32)?;
    let to = zlib.allocate(room as i32)?;
    zlib.memory_mut()[from as u32 as usize..][..length].copy_from_slice(&input);
    for level in 0..=9 {
        // SAFETY: both buffers have these lengths.
        let expected = unsafe { pack(input.as_ptr(), length, packed.as_mut_ptr(), room, level) };
        let count = zlib.pack(from, length as i32, to, room as i32, level)?;
        assert_eq!(count, expected);
        assert_eq!(zlib.memory()[to as u32 as usize..][..count as usize], packed[..count as usize]);
        println!("level {level}: {count} bytes");
    }
    let trap = zlib.pack(-1, 100, to, 1000, 6).unwrap_err();
    assert_eq!(trap.code(), Trap::OUT_OF_BOUNDS_MEMORY_ACCESS);
    assert!(!trap.backtrace().is_empty());
    assert_eq!(zlib.pack(from, 1, to, 1000, 6).unwrap_err().code(), Trap::UNUSABLE);
    zlib.reset()?;
    assert_ne!(zlib.allocate(100)?, 0);
    println!("as the same zlib in C");
    Ok(())
}
