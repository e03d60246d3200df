//! What a Wasm operator does to memory, for the messages of traps.

use wasm_aot_abi::line::Access;
use wasmparser::BinaryReader;

/// The access of the operator at this offset of a module.
pub fn of(module: &[u8], offset: u32) -> Access {
    let mut reader = BinaryReader::new(module.get(offset as usize..).unwrap_or_default(), 0);
    match reader.read_u8() {
        Ok(0x10..=0x15) => Access::CALL,
        Ok(opcode @ 0x28..=0x3e) => plain(opcode),
        Ok(0xfd) => vector(reader.read_var_u32().unwrap_or(u32::MAX)),
        Ok(0xfe) => atomic(reader.read_var_u32().unwrap_or(u32::MAX)),
        _ => Access::NONE,
    }
}

fn plain(opcode: u8) -> Access {
    match opcode {
        0x28 | 0x2a | 0x34 | 0x35 => Access::load(4),
        0x29 | 0x2b => Access::load(8),
        0x2c | 0x2d | 0x30 | 0x31 => Access::load(1),
        0x2e | 0x2f | 0x32 | 0x33 => Access::load(2),
        0x36 | 0x38 | 0x3e => Access::store(4),
        0x37 | 0x39 => Access::store(8),
        0x3a | 0x3c => Access::store(1),
        0x3b | 0x3d => Access::store(2),
        _ => Access::NONE,
    }
}

fn vector(opcode: u32) -> Access {
    match opcode {
        0 => Access::load(16),
        1..=6 | 10 | 93 => Access::load(8),
        7 => Access::load(1),
        8 => Access::load(2),
        9 | 92 => Access::load(4),
        11 => Access::store(16),
        84..=87 => Access::load(1 << (opcode - 84)),
        88..=91 => Access::store(1 << (opcode - 88)),
        _ => Access::NONE,
    }
}

fn atomic(opcode: u32) -> Access {
    /// The widths of the seven forms of each operator: i32, i64, i32 of 8 and 16 bits, i64 of 8, 16 and 32 bits.
    const WIDTHS: [u32; 7] = [4, 8, 1, 2, 1, 2, 4];
    match opcode {
        0 | 1 => Access::load(4),
        2 => Access::load(8),
        0x10..=0x16 => Access::load(WIDTHS[opcode as usize - 0x10]),
        0x17..=0x1d => Access::store(WIDTHS[opcode as usize - 0x17]),
        0x1e..=0x4e => Access::update(WIDTHS[(opcode as usize - 0x1e) % 7]),
        _ => Access::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_have_widths() {
        let describe = |bytes: &[u8]| of(bytes, 0).describe();
        assert_eq!(describe(&[0x28]), Some(("load", 4)));
        assert_eq!(describe(&[0x3a]), Some(("store", 1)));
        assert_eq!(describe(&[0xfd, 0x0b]), Some(("store", 16)));
        assert_eq!(describe(&[0xfd, 0x5b]), Some(("store", 8)));
        assert_eq!(describe(&[0xfe, 0x1f]), Some(("atomic access", 8)));
        assert_eq!(describe(&[0x10]), None);
        assert_eq!(describe(&[]), None);
    }
}
