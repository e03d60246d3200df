//! Prints a result: a function for each kind of type, which the compiler puts into the description of the type. What the
//! canonical ABI forbids in a value is a trap, and then nothing is printed, since a first round over the value is
//! without output.

use core::fmt::{Display, Write as _};

use wasm_aot_abi::trap::Trap;
use wasm_aot_abi::wave::{Part, Type};

use super::output::Output;
use super::{invocation, quoted};
use crate::component::{Caller, violation};
use crate::program::{bytes, slice};

/// Where a value is.
#[derive(Clone, Copy)]
enum Place {
    /// It is the core result: all of it, since there is only one.
    Flat(u64),
    /// The address in the callee's memory.
    Memory(u32),
}

impl Place {
    /// The place of a part of the value.
    fn at(self, offset: u32) -> Place {
        match self {
            Place::Flat(_) => self,
            // What is outside of the memory is found out when it is read.
            Place::Memory(address) => Place::Memory(address.wrapping_add(offset)),
        }
    }
}

/// Where a value goes, and where the next one is.
struct Printer<'c> {
    callee: &'c Caller,
    output: Output,
    place: Place,
}

/// `wasm_aot_abi::wave::PRINT`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wave_print(result: u64, callee: &Caller) {
    let invocation = invocation();
    // SAFETY: the compiler's constant data, never null.
    let ty = unsafe { &*invocation.result };
    let place = match invocation.is_flat {
        0 => {
            callee.fields(result as u32, ty.size as u32, ty.alignment as u32);
            Place::Memory(result as u32)
        }
        _ => Place::Flat(result),
    };
    for is_open in [false, true] {
        let mut printer = Printer { callee, output: Output::new(is_open), place };
        printer.value(ty, place);
        printer.output.text("\n");
        if is_open {
            printer.output.flush();
        }
    }
}

impl Printer<'_> {
    /// Prints a value that is elsewhere.
    fn value(&mut self, ty: &Type, place: Place) {
        let outer = core::mem::replace(&mut self.place, place);
        // SAFETY: a function of `printers`, which takes the type with which it is and a printer.
        unsafe { (ty.print)(ty, (&raw mut *self).cast()) };
        self.place = outer;
    }

    fn text(&mut self, text: &str) {
        self.output.text(text);
    }

    fn display(&mut self, value: impl Display) {
        // An output takes everything.
        _ = write!(self.output, "{value}");
    }

    /// The number of `size` bytes that the value is or begins with.
    fn number(&self, size: u32) -> u64 {
        match self.place {
            Place::Flat(value) => value,
            Place::Memory(address) => {
                let fields = self.callee.fields(address, size, size);
                match size {
                    1 => fields.get_u8(0).into(),
                    2 => fields.get_u16(0).into(),
                    4 => fields.get_u32(0).into(),
                    _ => fields.get_u64(0),
                }
            }
        }
    }

    /// The two numbers that a string or a list is: its address and its length.
    fn pair(&self) -> (u32, u32) {
        match self.place {
            // Never a core result, which has one number.
            Place::Flat(_) => (0, 0),
            Place::Memory(address) => {
                let fields = self.callee.fields(address, 8, 4);
                (fields.get_u32(0), fields.get_u32(4))
            }
        }
    }
}

/// Prints items between brackets, separated by commas.
struct Sequence {
    is_first: bool,
}

impl Sequence {
    fn open(printer: &mut Printer<'_>, bracket: &str) -> Sequence {
        printer.text(bracket);
        Sequence { is_first: true }
    }

    fn next(&mut self, printer: &mut Printer<'_>) {
        if !core::mem::take(&mut self.is_first) {
            printer.text(", ");
        }
    }
}

fn parts(ty: &Type) -> &'static [Part] {
    // SAFETY: the compiler's constant data.
    unsafe { slice(ty.parts, ty.part_count) }
}

fn name(part: &Part) -> &'static str {
    // Names in components are UTF-8.
    core::str::from_utf8(bytes(&part.name)).unwrap_or_default()
}

/// The type of a part that has one.
fn type_of(part: &Part) -> Option<&'static Type> {
    // SAFETY: null or the compiler's constant data.
    unsafe { part.ty.as_ref() }
}

/// The size in bytes of the number of a case, if there are `count`.
fn discriminant_size(count: usize) -> u32 {
    match count {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

fn bool(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(1);
    printer.text(if value as u32 == 0 { "false" } else { "true" });
}

fn s8(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(1);
    printer.display(value as i8);
}

fn u8(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(1);
    printer.display(value as u8);
}

fn s16(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(2);
    printer.display(value as i16);
}

fn u16(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(2);
    printer.display(value as u16);
}

fn s32(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(4);
    printer.display(value as i32);
}

fn u32(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(4);
    printer.display(value as u32);
}

fn s64(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(8);
    printer.display(value as i64);
}

fn u64(_: &Type, printer: &mut Printer<'_>) {
    let value = printer.number(8);
    printer.display(value);
}

fn f32(_: &Type, printer: &mut Printer<'_>) {
    let value = f32::from_bits(printer.number(4) as u32);
    match value.is_nan() {
        true => printer.text("nan"),
        false => printer.display(value),
    }
}

fn f64(_: &Type, printer: &mut Printer<'_>) {
    let value = f64::from_bits(printer.number(8));
    match value.is_nan() {
        true => printer.text("nan"),
        false => printer.display(value),
    }
}

fn char(_: &Type, printer: &mut Printer<'_>) {
    let Some(value) = char::from_u32(printer.number(4) as u32) else { violation(Trap::InvalidChar) };
    printer.text("'");
    quoted::character(&mut printer.output, value);
    printer.text("'");
}

fn utf8(_: &Type, printer: &mut Printer<'_>) {
    let (pointer, length) = printer.pair();
    quoted::utf8(&mut printer.output, printer.callee, pointer, length);
}

fn utf16(_: &Type, printer: &mut Printer<'_>) {
    let (pointer, length) = printer.pair();
    quoted::utf16(&mut printer.output, printer.callee, pointer, length);
}

fn latin1_utf16(_: &Type, printer: &mut Printer<'_>) {
    let (pointer, length) = printer.pair();
    quoted::latin1_utf16(&mut printer.output, printer.callee, pointer, length);
}

fn list(ty: &Type, printer: &mut Printer<'_>) {
    let (pointer, count) = printer.pair();
    let Some(element) = parts(ty).first().and_then(type_of) else { return };
    printer.callee.elements(pointer, count, element.size as u32, element.alignment as u32);
    let mut items = Sequence::open(printer, "[");
    for index in 0..count {
        items.next(printer);
        printer.value(element, Place::Memory(pointer + index * element.size as u32));
    }
    printer.text("]");
}

/// Calls `visit` for each part of a record or tuple, with its type and its place.
fn for_each_field<'p>(
    ty: &Type,
    printer: &mut Printer<'p>,
    mut visit: impl FnMut(&mut Printer<'p>, &Part, &Type, Place),
) {
    let mut offset = 0;
    for part in parts(ty) {
        let Some(field) = type_of(part) else { continue };
        offset = u32::next_multiple_of(offset, field.alignment as u32);
        let place = printer.place.at(offset);
        visit(printer, part, field, place);
        offset += field.size as u32;
    }
}

fn record(ty: &Type, printer: &mut Printer<'_>) {
    let mut items = Sequence::open(printer, "{");
    for_each_field(ty, printer, |printer, part, field, place| {
        if part.is_optional != 0 {
            let outer = core::mem::replace(&mut printer.place, place);
            let case = printer.number(1);
            printer.place = outer;
            if case == 0 {
                return;
            }
        }
        items.next(printer);
        printer.text(name(part));
        printer.text(": ");
        printer.value(field, place);
    });
    printer.text(if items.is_first { ":}" } else { "}" });
}

fn tuple(ty: &Type, printer: &mut Printer<'_>) {
    let mut items = Sequence::open(printer, "(");
    for_each_field(ty, printer, |printer, _, element, place| {
        items.next(printer);
        printer.value(element, place);
    });
    printer.text(")");
}

fn flags(ty: &Type, printer: &mut Printer<'_>) {
    let bits = printer.number(ty.size as u32);
    let mut items = Sequence::open(printer, "{");
    // There are at most 32.
    for (bit, part) in parts(ty).iter().enumerate() {
        if bits >> bit & 1 != 0 {
            items.next(printer);
            printer.text(name(part));
        }
    }
    printer.text("}");
}

fn variant(ty: &Type, printer: &mut Printer<'_>) {
    let cases = parts(ty);
    let case = printer.number(discriminant_size(cases.len()));
    let Some(case) = cases.get(case as u32 as usize) else { violation(Trap::InvalidDiscriminant) };
    printer.text(name(case));
    if let Some(payload) = type_of(case) {
        printer.text("(");
        printer.value(payload, printer.place.at(ty.payload as u32));
        printer.text(")");
    }
}

/// Defines the functions with the symbols of the kinds of types.
macro_rules! printers {
    ($($kind:ident: $function:ident, $symbol:ident;)*) => {$(
        /// # Safety
        /// `ty` is the compiler's type of this kind, and `printer` is one.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $symbol(ty: *const Type, printer: *mut u8) {
            // SAFETY: the caller promises it.
            let (ty, printer) = unsafe { (&*ty, &mut *printer.cast::<Printer<'_>>()) };
            $function(ty, printer);
        }
    )*};
}

wasm_aot_abi::for_each_kind!(printers);
