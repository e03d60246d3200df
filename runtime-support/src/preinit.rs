//! Writes the state of a program to a file, see `wasm_aot_abi::preinit`. Linked only into programs that the compiler runs itself.

use core::ffi::CStr;

use wasm_aot_abi::layout::{Memory, Table, Words};
use wasm_aot_abi::preinit::{MAGIC, Preinit, UNIT};

use crate::fail::fail;
use crate::program::{program, slice};
use crate::sys::file::{self, Fd, IoVec, Position};
use crate::sys::{OpenFlags, dir};
use crate::wasi::descriptor;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::PREINIT`.
    static wasm_aot_preinit: Preinit;
}

/// `wasm_aot_abi::symbols::PREINIT_MAIN`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_preinit_main() {
    // SAFETY: the compiler defines the symbol in every program that has functions of this file, with this layout.
    let info = unsafe { &wasm_aot_preinit };
    // SAFETY: the compiler's constant data, which ends with a NUL.
    let path = unsafe { CStr::from_ptr(info.path.cast()) };
    // Before anything of the program runs: what is there afterwards could be a link that it has made.
    let Ok(file) = dir::open(dir::AT_FDCWD, path, OpenFlags::WRITE_ONLY) else {
        fail(b"the file for the initial state can't be opened");
    };
    let at_start = descriptor::mark();
    (info.main)();
    let changed = descriptor::changed_since(at_start);
    let mut output = Output { file, bytes: [0; BUFFER_BYTES], used: 0 };
    output.word(MAGIC);
    output.word(changed.map_or(0, |(number, _)| u64::from(number) + 1));
    output.word(changed.is_some_and(|(_, is_open)| is_open).into());
    // SAFETY: the compiler describes its own data, and nothing runs any more that would write to it.
    unsafe { output.state(info) };
    output.word(MAGIC);
    output.flush();
}

/// Bytes that are collected before they are written.
const BUFFER_BYTES: usize = 4096;

/// The file, and what is going to be written to it.
struct Output {
    file: Fd,
    bytes: [u8; BUFFER_BYTES],
    used: usize,
}

impl Output {
    /// # Safety
    /// Nothing writes to the program's data meanwhile.
    unsafe fn state(&mut self, info: &Preinit) {
        // SAFETY: as the caller promises; the compiler describes its own data.
        unsafe {
            self.word(info.function_count);
            for function in slice(info.functions, info.function_count) {
                self.word(function.number);
                self.word(function.reference as u64);
            }
            self.words(&info.globals);
            self.words(&info.lengths);
            self.word(info.table_count);
            for numbered in slice(info.tables, info.table_count) {
                self.word(numbered.number);
                let Table { elements, size, .. } = &*numbered.table;
                self.words(&Words { start: elements.cast_const(), count: *size });
            }
            let program = program();
            self.word(program.memory_count);
            for &memory in slice(program.memories, program.memory_count) {
                self.memory(&*memory);
            }
        }
    }

    /// # Safety
    /// The words are there, and nothing writes to them meanwhile.
    unsafe fn words(&mut self, words: &Words) {
        self.word(words.count);
        // SAFETY: as the caller promises.
        self.put(unsafe { slice(words.start.cast(), words.count * 8) });
    }

    /// # Safety
    /// It is one of the program's memories, to which nothing writes meanwhile.
    unsafe fn memory(&mut self, memory: &Memory) {
        self.word(memory.size);
        // SAFETY: as the caller promises: the first `size` bytes are accessible.
        let bytes: &[u8] = unsafe { slice(memory.base.cast_const(), memory.size) };
        // The run that isn't written yet.
        let (mut start, mut end) = (0, 0);
        for (unit, at) in bytes.chunks(UNIT as usize).zip((0..).step_by(UNIT as usize)) {
            if is_zero(unit) {
                continue;
            }
            if at != end {
                self.run(bytes, start, end);
                start = at;
            }
            end = at + unit.len();
        }
        self.run(bytes, start, end);
        self.word(0);
        self.word(0);
    }

    /// Writes a part of a memory, unless it is empty.
    fn run(&mut self, memory: &[u8], start: usize, end: usize) {
        let bytes = memory.get(start..end).unwrap_or_default();
        if !bytes.is_empty() {
            self.word(start as u64);
            self.word(bytes.len() as u64);
            self.put(bytes);
        }
    }

    fn word(&mut self, word: u64) {
        self.put(&word.to_ne_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.used + bytes.len() > BUFFER_BYTES {
            self.flush();
        }
        match self.bytes.get_mut(self.used..self.used + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.used += bytes.len();
            }
            // It is empty, and this is more than it can hold.
            None => write(self.file, bytes),
        }
    }

    fn flush(&mut self) {
        write(self.file, self.bytes.get(..self.used).unwrap_or_default());
        self.used = 0;
    }
}

/// Whether all bytes are zero.
fn is_zero(bytes: &[u8]) -> bool {
    // SAFETY: every bit pattern is a number.
    let (before, words, after) = unsafe { bytes.align_to::<u64>() };
    words.iter().fold(0, |all, word| all | word) == 0 && before.iter().chain(after).all(|byte| *byte == 0)
}

/// Writes all of the bytes, or ends the program.
fn write(file: Fd, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let part = IoVec { base: bytes.as_ptr().cast_mut(), length: bytes.len() };
        // SAFETY: the memory of the slice may be read.
        let written = unsafe { file::write(file, &[part], Position::Current) };
        match written {
            Ok(count) if count > 0 => bytes = bytes.get(count..).unwrap_or_default(),
            _ => fail(b"the initial state can't be written (is the disk full?)"),
        }
    }
}
