//! What a trap prints in a program with a line table (`wasm_aot_abi::line`): for each frame the function, where in the source it
//! is, with the calls that were inlined there, and the offset in the Wasm module; and what is known of an access of memory. Linked
//! into such programs only. Runs in a signal handler: no allocation, no formatting code, little stack.
//!
//! ```text
//!   load of 4 bytes at address 0x1fff0; the memory has 65536 bytes
//!    0: inner at /src/a.c:10:5, inlined
//!       outer at /src/a.c:20:3 (+0x1a2b)
//!    1: main at /src/a.c:30:1 (+0x1c00)
//! ```
//!
//! Calls that the producer of the module inlined are part of a frame. Those that the compiler inlined are frames of their own: what is
//! shown doesn't depend on what was inlined.

use wasm_aot_abi::library::Instance;
#[cfg(not(feature = "libraries"))]
use wasm_aot_abi::line::BACKTRACE;
use wasm_aot_abi::line::{Backtrace, LineInfo, Position, Site, Table};

use super::output::Output;
use crate::line::Line;
use crate::memory;
use crate::program::{code_offset, program, slice};
use crate::stack::frame::Frame;
use crate::stack::walk::walk_all;
#[cfg(not(feature = "libraries"))]
use crate::wasi::user;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::LINES`.
    static wasm_aot_lines: LineInfo;
}

/// The innermost and the outermost frames that are shown of a deep stack.
const INNERMOST: usize = 48;
const OUTERMOST: usize = 16;

/// `wasm_aot_abi::symbols::REPORT_LINES`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_report_lines(pc: usize, frame: usize, address: usize, instance: *mut Instance) {
    // SAFETY: the compiler defines the symbol in every program that has this function, with this layout, and describes its own
    // data.
    let (info, table) = unsafe { (&wasm_aot_lines, slice(wasm_aot_lines.table, wasm_aot_lines.table_bytes)) };
    let Some(table) = Table::new(table) else { return };
    let report = Report { table, output: Output::new(instance) };
    let amount = amount(info);
    if amount == Backtrace::Message {
        return;
    }
    report.access(pc, address, instance);
    if amount == Backtrace::Full {
        report.all(pc, Frame(frame));
    } else {
        report.some(pc, Frame(frame));
    }
}

/// How much is shown.
fn amount(info: &LineInfo) -> Backtrace {
    // The environment of a library isn't its own.
    #[cfg(not(feature = "libraries"))]
    if info.is_locked == 0
        && let Some(amount) = Backtrace::from_name(user::granted(BACKTRACE))
    {
        return amount;
    }
    match info.backtrace {
        0 => Backtrace::Message,
        1 => Backtrace::Frames,
        _ => Backtrace::Full,
    }
}

/// The lines of a report. Long paths are cut off.
type Text = Line<1024>;

struct Report {
    table: Table<'static>,
    output: Output,
}

impl Report {
    /// Shows what the instruction accesses.
    fn access(&self, pc: usize, address: usize, instance: *mut Instance) {
        let site = code_offset(program(), pc).and_then(|offset| self.exact(offset));
        let access = site.and_then(|site| site.access.describe());
        let found = memory::containing(program(), instance, address);
        if access.is_none() && found.is_none() {
            return;
        }
        let mut line = Text::new();
        line.text(b"  ");
        match access {
            Some((what, bytes)) => {
                line.text(what.as_bytes()).text(b" of ").number(bytes as usize, 10).text(b" bytes")
            }
            None => line.text(b"access"),
        };
        if let Some((base, size)) = found {
            line.text(Frame::ACCESS_AT).number(address - base, 16);
            line.text(b"; the memory has ").number(size as usize, 10).text(b" bytes");
        }
        self.output.put(line.text(b"\n"));
    }

    /// Shows the innermost and the outermost frames.
    fn some(&self, pc: usize, frame: Frame) {
        let offsets = walk_all(pc, frame).filter_map(|address| code_offset(program(), address));
        let mut last = [(0, 0); OUTERMOST];
        let mut count = 0;
        for offset in offsets.filter(|offset| name(*offset).is_some()) {
            for level in 0..self.levels(offset) {
                if count < INNERMOST {
                    self.frame(count, offset, level, None);
                } else if let Some(place) = last.get_mut(count % OUTERMOST) {
                    *place = (offset, level);
                }
                count += 1;
            }
        }
        if count > INNERMOST + OUTERMOST {
            let left = count - INNERMOST - OUTERMOST;
            self.output.put(Text::new().text(b"  ... ").number(left, 10).text(b" more ...\n"));
        }
        for number in INNERMOST.max(count.saturating_sub(OUTERMOST))..count {
            let (offset, level) = last[number % OUTERMOST];
            self.frame(number, offset, level, None);
        }
    }

    /// Shows all frames, with the addresses of their instructions.
    fn all(&self, pc: usize, frame: Frame) {
        let mut number = 0;
        for address in walk_all(pc, frame) {
            let Some(offset) = code_offset(program(), address) else {
                self.output.put(start(number, Some(address)).text(b"(runtime)\n"));
                number += 1;
                continue;
            };
            for level in 0..self.levels(offset) {
                self.frame(number, offset, level, Some(address));
                number += 1;
            }
        }
        let program = program();
        let (start, end) = (program.text_start as usize, program.text_end as usize);
        let mut line = Text::new();
        line.text(b"  code at 0x").number(start, 16).text(b"..0x").number(end, 16);
        self.output.put(line.text(b"\n"));
    }

    /// The number of functions of the module that an instruction is in: one, and those that the compiler has inlined into it.
    fn levels(&self, offset: u32) -> usize {
        let calls = self.site(offset).into_iter().flat_map(|site| self.table.calls(&site));
        1 + calls.filter(|call| call.wasm != 0).count()
    }

    /// Shows a function that an instruction is in, counted from the innermost one on, at a site or (in the middle of other code)
    /// behind one.
    fn frame(&self, number: usize, offset: u32, level: usize, address: Option<usize>) {
        let function = name(offset).unwrap_or(b"(entry)");
        let mut line = start(number, address);
        let Some(site) = self.site(offset) else {
            return self.output.put(line.text(function).text(b"\n"));
        };
        let (mut name, mut wasm, mut position) = (function, site.wasm, site.position);
        let mut at = 0;
        for call in self.table.calls(&site) {
            let is_own = call.wasm != 0;
            if at == level {
                name = self.table.name(call.name);
                if is_own {
                    break;
                }
                line.text(name);
                self.position(&mut line, position);
                self.output.put(line.text(b", inlined\n"));
                line = Text::new();
                line.text(if address.is_some() { b"                         " } else { b"      " });
                name = function;
            }
            if is_own {
                (at, wasm) = (at + 1, call.wasm);
            }
            position = call.position;
        }
        line.text(name);
        self.position(&mut line, position);
        self.output.put(line.text(b" (+0x").number(wasm as usize, 16).text(b")\n"));
    }

    fn position(&self, line: &mut Text, Position { file, line: number, column }: Position) {
        if file == 0 || number == 0 {
            return;
        }
        line.text(b" at ").text(self.table.name(file)).text(b":").number(number as usize, 10);
        if column != 0 {
            line.text(b":").number(column as usize, 10);
        }
    }

    fn exact(&self, offset: u32) -> Option<Site> {
        self.table.find(offset).filter(|site| site.offset == offset)
    }

    /// The site at this offset; if there is none, the one before it in the same function.
    fn site(&self, offset: u32) -> Option<Site> {
        let same = |site: &Site| name(site.offset).map(<[u8]>::as_ptr) == name(offset).map(<[u8]>::as_ptr);
        self.table.find(offset).filter(same)
    }
}

/// The name of the function that has this code offset; `None` for the code between the functions. Not
/// `report::function_name`, which is inlined in programs without a line table as long as nothing else uses it.
fn name(offset: u32) -> Option<&'static [u8]> {
    let functions = &program().functions;
    // SAFETY: the compiler describes its own data.
    let (starts, ends, names) = unsafe {
        let ends = slice(functions.name_offsets, functions.count + 1);
        (slice(functions.starts, functions.count), ends, slice(functions.names, (*ends.last()?).into()))
    };
    let (mut low, mut high) = (0, starts.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if *starts.get(middle)? <= offset { low = middle + 1 } else { high = middle }
    }
    let name = names.get(*ends.get(low.checked_sub(1)?)? as usize..*ends.get(low)? as usize)?;
    (!name.is_empty()).then_some(name)
}

/// The start of a frame's line.
fn start(number: usize, address: Option<usize>) -> Text {
    let mut line = Text::new();
    let indent: &[u8] = if number < 10 { b"   " } else { b"  " };
    line.text(indent).number(number, 10).text(b": ");
    if let Some(address) = address {
        line.text(b"0x");
        for digit in (0..16).rev() {
            line.number(address >> (4 * digit) & 15, 16);
        }
        line.text(b" ");
    }
    line
}
