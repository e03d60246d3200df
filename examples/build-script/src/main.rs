//! CRC-32 of standard input, computed in WebAssembly's sandbox.

use std::io::Read as _;

mod checksum {
    include!(concat!(env!("OUT_DIR"), "/checksum.rs"));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;

    let mut instance = checksum::Instance::new(checksum::Options::default())?;
    let buffer = instance.buffer()?;
    let mut crc = 0;
    for chunk in input.chunks(65536) {
        instance.memory_mut()[buffer as usize..][..chunk.len()].copy_from_slice(chunk);
        crc = instance.crc32(crc, buffer, chunk.len() as i32)?;
    }
    println!("{crc:08x}");

    // A trap is an error; afterwards the instance must be made anew.
    let trap = instance.crc32(0, buffer, 1 << 30).unwrap_err();
    assert_eq!(trap.code(), checksum::Trap::OUT_OF_BOUNDS_MEMORY_ACCESS);
    eprintln!("{trap}\n{}", trap.backtrace());
    instance.reset()?;
    assert_eq!(instance.crc32(0, buffer, 0)?, 0);
    Ok(())
}
