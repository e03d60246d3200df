//! Unwind tables of Windows for Wasm code ("x64 exception handling", "ARM64 exception handling"): how the system and
//! debuggers get from a function to its caller. Both kinds describe this in terms of the frame pointer, which all of
//! the code keeps, whatever is at the stack pointer. Epilogues aren't described on aarch64: nothing there can fault.

use std::collections::HashMap;

use anyhow::{Result, bail};
use cranelift_object::ObjectProduct;
use object::write::{Relocation, SectionId, SymbolId};
use object::{RelocationFlags, SectionKind, pe};
use target_lexicon::Architecture;
use wasm_aot_abi::exception::{Registers, SavedRegister};

use super::Function;
use crate::codegen::Prologue;

/// Adds the entries of functions, in order, and what the entries refer to.
pub fn add(
    product: &mut ObjectProduct,
    architecture: Architecture,
    functions: &[Function<'_>],
) -> Result<()> {
    let mut section =
        |name: &[u8]| product.object.add_section(Vec::new(), name.to_vec(), SectionKind::ReadOnlyData);
    let (entries, information) = (section(b".pdata"), section(b".xdata"));
    let information_symbol = product.object.section_symbol(information);
    let mut table = Table { product, entries, information, information_symbol, shared: HashMap::new() };
    for function in functions {
        match architecture {
            Architecture::X86_64 => table.x86_64(function)?,
            Architecture::Aarch64(_) => table.aarch64(function)?,
            other => bail!("unwind tables for {other} aren't supported"),
        }
    }
    Ok(())
}

struct Table<'o> {
    product: &'o mut ObjectProduct,
    entries: SectionId,
    information: SectionId,
    information_symbol: SymbolId,
    /// Where unwind information with these contents is: most functions have the same.
    shared: HashMap<Vec<u8>, u32>,
}

impl Table<'_> {
    /// Adds an entry whose words are offsets from symbols.
    fn entry(&mut self, kind: u16, words: &[(SymbolId, u32)]) -> Result<()> {
        let bytes: Vec<u8> = words.iter().flat_map(|(_, offset)| offset.to_le_bytes()).collect();
        let start = self.product.object.append_section_data(self.entries, &bytes, 4);
        for (i, (symbol, _)) in words.iter().enumerate() {
            let offset = start + 4 * i as u64;
            let flags = RelocationFlags::Coff { typ: kind };
            let relocation = Relocation { offset, symbol: *symbol, addend: 0, flags };
            self.product.object.add_relocation(self.entries, relocation)?;
        }
        Ok(())
    }

    /// The offset of the information.
    fn information(&mut self, bytes: Vec<u8>) -> u32 {
        let object = &mut self.product.object;
        *self
            .shared
            .entry(bytes)
            .or_insert_with_key(|bytes| object.append_section_data(self.information, bytes, 4) as u32)
    }

    fn x86_64(&mut self, function: &Function<'_>) -> Result<()> {
        let at = self.information(x86_64(function.prologue, function.saved));
        let end = (function.symbol, function.bytes());
        let words = [(function.symbol, 0), end, (self.information_symbol, at)];
        self.entry(pe::IMAGE_REL_AMD64_ADDR32NB, &words)
    }

    fn aarch64(&mut self, function: &Function<'_>) -> Result<()> {
        let mut start = 0;
        while start < function.bytes() {
            let bytes = (function.bytes() - start).min(ARM64_MOST_BYTES);
            let at = self.information(aarch64(bytes, start == 0, function.saved));
            self.entry(
                pe::IMAGE_REL_ARM64_ADDR32NB,
                &[(function.symbol, start), (self.information_symbol, at)],
            )?;
            start += bytes;
        }
        Ok(())
    }
}

/// Number of bytes below the frame pointer in which registers are saved.
fn saved_bytes(saved: &[SavedRegister]) -> u32 {
    let below = saved.iter().map(|register| -8 * register.word).max().unwrap_or(0);
    (below as u32).next_multiple_of(16)
}

/// `UNWIND_INFO`. The prologue is described as if it allocated the bytes of the saved registers before it set
/// the frame pointer, which is therefore that far above the place from which they are counted.
fn x86_64(prologue: &Prologue, saved: &[SavedRegister]) -> Vec<u8> {
    const VERSION: u8 = 1;
    const RBP: u8 = 5;
    const PUSH_NONVOL: u8 = 0;
    const ALLOC_LARGE: u8 = 1;
    const ALLOC_SMALL: u8 = 2;
    const SET_FPREG: u8 = 3;
    const SAVE_NONVOL: u8 = 4;
    const SAVE_XMM128: u8 = 8;
    let bytes = saved_bytes(saved);
    // Longer prologues touch the pages of a large frame before they save registers.
    let offset = |offset: u32| u8::try_from(offset).unwrap_or(u8::MAX);
    let last = prologue.saves.last().copied().unwrap_or(0).max(prologue.frame_pointer);
    let mut codes: Vec<[u8; 2]> = Vec::new();
    for (register, &at) in saved.iter().zip(&prologue.saves).rev() {
        // Its offset from the lowest saved register.
        let place = (bytes as i32 + 8 * register.word) as u16;
        let (code, number, unit) = match register.place.checked_sub(Registers::FLOATS) {
            Some(number) => (SAVE_XMM128, number, 16),
            None => (SAVE_NONVOL, register.place, 8),
        };
        codes.push([offset(at), code | number << 4]);
        codes.push((place / unit).to_le_bytes());
    }
    codes.push([offset(prologue.frame_pointer), SET_FPREG]);
    let allocated = offset(prologue.frame_pointer);
    match bytes {
        0 => {}
        1..=128 => codes.push([allocated, ALLOC_SMALL | ((bytes / 8 - 1) as u8) << 4]),
        _ => codes.extend([[allocated, ALLOC_LARGE], ((bytes / 8) as u16).to_le_bytes()]),
    }
    codes.push([offset(prologue.push), PUSH_NONVOL | RBP << 4]);
    let mut information = vec![VERSION, offset(last), codes.len() as u8, RBP | ((bytes / 16) as u8) << 4];
    information.extend(codes.iter().flatten());
    information.resize(information.len().next_multiple_of(4), 0);
    information
}

/// The most bytes of code that an `.xdata` record of aarch64 describes, a multiple of 4 KiB.
const ARM64_MOST_BYTES: u32 = (1 << 20) - 4096;

/// An `.xdata` record: one code for each instruction of the prologue, the last one first.
fn aarch64(bytes: u32, has_prologue: bool, saved: &[SavedRegister]) -> Vec<u8> {
    const SET_FP: u8 = 0xe1;
    const ADD_FP: u8 = 0xe2;
    const SAVE_FPLR_X_16: u8 = 0x81;
    const END: u8 = 0xe4;
    const END_C: u8 = 0xe5;
    let mut codes = Vec::new();
    if !has_prologue {
        codes.push(END_C);
    }
    let below = saved_bytes(saved);
    if below > 0 {
        codes.extend([ADD_FP, (below / 8) as u8]);
        let mut slots: Vec<&SavedRegister> = saved.iter().collect();
        slots.sort_by_key(|register| register.word);
        // Each instruction stores one register or two in 16 bytes and moves the stack pointer there.
        for pair in slots.chunk_by(|one, other| one.word.div_euclid(2) == other.word.div_euclid(2)) {
            let (first, rest) = pair.split_first().expect("not empty");
            match rest {
                [second] if second.place == first.place + 1 => codes.extend(save(first, Save::PairAndMove)),
                _ => {
                    rest.iter().for_each(|second| codes.extend(save(second, Save::Second)));
                    codes.extend(save(first, Save::OneAndMove));
                }
            }
        }
    }
    codes.extend([SET_FP, SAVE_FPLR_X_16, END]);
    codes.resize(codes.len().next_multiple_of(4), END);
    let header = (bytes / 4) | ((codes.len() as u32 / 4) << 27);
    [&header.to_le_bytes()[..], &codes].concat()
}

#[derive(Clone, Copy)]
enum Save {
    /// `save_regp_x`, `save_fregp_x`: a register and the next at the stack pointer, which moves by 16 bytes.
    PairAndMove,
    /// `save_reg_x`, `save_freg_x`: the same for one register.
    OneAndMove,
    /// `save_reg`, `save_freg`: one register, 8 bytes above the stack pointer, which doesn't move.
    Second,
}

fn save(register: &SavedRegister, how: Save) -> [u8; 2] {
    const FIRST_INTEGER: u8 = 19;
    const FIRST_FLOAT: u8 = Registers::FLOATS + 8;
    let is_float = register.place >= Registers::FLOATS;
    let number = u16::from(register.place - if is_float { FIRST_FLOAT } else { FIRST_INTEGER });
    let code = match (how, is_float) {
        (Save::PairAndMove, false) => 0b11001100 << 8 | number << 6 | 1,
        (Save::PairAndMove, true) => 0b11011010 << 8 | number << 6 | 1,
        (Save::OneAndMove, false) => 0b11010100 << 8 | number << 5 | 1,
        (Save::OneAndMove, true) => 0b11011110 << 8 | number << 5 | 1,
        (Save::Second, false) => 0b11010000 << 8 | number << 6 | 1,
        (Save::Second, true) => 0b11011100 << 8 | number << 6 | 1,
    };
    code.to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROLOGUE: Prologue =
        Prologue { push: 1, frame_pointer: 4, saves: Vec::new(), caller_stack: 16, allocations: Vec::new() };

    #[test]
    fn x86_64_frame() {
        // 4: mov rbp, rsp; 1: push rbp.
        assert_eq!(x86_64(&PROLOGUE, &[]), [1, 4, 2, 0x05, 4, 0x03, 1, 0x50]);
    }

    #[test]
    fn x86_64_saved_registers() {
        let prologue = Prologue { saves: vec![12, 16, 20], ..PROLOGUE };
        // rbx, r12 and r14, the first 24 bytes below the frame pointer.
        let saved = [(3, -3), (12, -2), (14, -1)].map(|(place, word)| SavedRegister { place, word });
        let codes = [
            [20, 0xe4],
            [3, 0],
            [16, 0xc4],
            [2, 0],
            [12, 0x34],
            [1, 0],
            [4, 0x03],
            [4, 0x32],
            [1, 0x50],
            [0, 0],
        ];
        assert_eq!(x86_64(&prologue, &saved), [&[1, 20, 9, 0x25], codes.as_flattened()].concat());
    }

    #[test]
    fn x86_64_saved_vectors() {
        let prologue = Prologue { saves: vec![12, 16], ..PROLOGUE };
        // rsi, and xmm15 14 words below it.
        let saved = [(6, -1), (32 + 15, -18)].map(|(place, word)| SavedRegister { place, word });
        let codes = [[16, 0xf8], [0, 0], [12, 0x64], [17, 0], [4, 0x03], [4, 0x01], [18, 0], [1, 0x50]];
        assert_eq!(x86_64(&prologue, &saved), [&[1, 16, 8, 0x95], codes.as_flattened()].concat());
    }

    #[test]
    fn aarch64_frame() {
        assert_eq!(aarch64(0x40, true, &[]), [0x10, 0, 0, 1 << 3, 0xe1, 0x81, 0xe4, 0xe4]);
    }

    #[test]
    fn aarch64_saved_registers() {
        // str x23, [sp, -16]!; stp x19, x21, [sp, -16]!; stp d8, d9, [sp, -16]!
        let saved = [(23, -2), (19, -4), (21, -3), (40, -6), (41, -5)];
        let saved = saved.map(|(place, word)| SavedRegister { place, word });
        let codes = [0xe2, 6, 0xda, 1, 0xd0, 0x81, 0xd4, 1, 0xd4, 0x81, 0xe1, 0x81, 0xe4, 0xe4, 0xe4, 0xe4];
        assert_eq!(aarch64(0x100, true, &saved), [&[0x40, 0, 0, 4 << 3][..], &codes].concat());
    }
}
