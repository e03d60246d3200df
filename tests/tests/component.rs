//! The runtime's handle tables, call scopes and transcoders. The runtime's own sources are compiled into this test, so it is
//! for Linux.

#![cfg(target_os = "linux")]
#![allow(dead_code, unused_imports)]

#[path = "../../runtime-support/src/sys/mod.rs"]
mod sys;

/// What doesn't need compiled code.
#[path = "../../runtime-support/src/component"]
mod component {
    pub mod handle;
    pub mod reserved;
    pub mod scope;
    pub mod slab;
    pub mod text;
    pub mod transfer;

    /// In the runtime, it ends the program.
    pub fn violation(trap: wasm_aot_abi::trap::Trap) -> ! {
        std::panic::resume_unwind(Box::new(trap))
    }
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use wasm_aot_abi::component::{ComponentInstance, ResourceTable, ResourceType, UTF16_TAG};
use wasm_aot_abi::trap::Trap;

use component::slab::Slab;
use component::text::{self, Progress, Unit};
use component::{handle, scope, transfer};

/// The trap that an action ends with.
fn trap<T>(action: impl FnOnce() -> T) -> Option<Trap> {
    let panic = catch_unwind(AssertUnwindSafe(action)).err()?;
    Some(*panic.downcast::<Trap>().expect("a trap"))
}

fn instance() -> ComponentInstance {
    ComponentInstance {
        may_leave: ptr::null_mut(),
        handles: ptr::null_mut(),
        capacity: 0,
        length: 0,
        free: 0,
    }
}

const KIND: u32 = 64;
const OTHER: u32 = 65;

#[test]
fn handles_are_used_again() {
    let mut instance = instance();
    let [first, second] = [7, 8].map(|number| handle::add_own(&mut instance, KIND, number));
    assert_eq!([first, second], [1, 2], "0 is no handle");
    assert_eq!(handle::representation(&mut instance, KIND, second), 8);
    assert_eq!(handle::remove(&mut instance, KIND, first), Some(7));
    assert_eq!(handle::remove(&mut instance, KIND, second), Some(8));
    let next = [9, 10, 11].map(|number| handle::add_own(&mut instance, KIND, number));
    assert_eq!(next, [2, 1, 3], "the one that became free last is the first to be used");
    for number in 0..100_000 {
        let handle = handle::add_own(&mut instance, KIND, number);
        assert_eq!(handle, number + 4);
    }
    assert_eq!(handle::representation(&mut instance, KIND, 100_003), 99_999);
    assert_eq!(handle::representation(&mut instance, KIND, 3), 11, "it has moved");
}

#[test]
fn wrong_handles_trap() {
    let mut instance = instance();
    for handle in [0, 1, u32::MAX] {
        let unknown = trap(|| handle::representation(&mut instance, KIND, handle));
        assert_eq!(unknown, Some(Trap::UnknownHandle), "{handle}");
    }
    let handle = handle::add_own(&mut instance, KIND, 5);
    assert_eq!(trap(|| handle::remove(&mut instance, OTHER, handle)), Some(Trap::WrongHandleType));
    handle::remove(&mut instance, KIND, handle);
    let dropped = trap(|| handle::remove(&mut instance, KIND, handle));
    assert_eq!(dropped, Some(Trap::UnknownHandle), "it has been dropped");
}

/// Two components of which one defines a resource, and a third one. Calls are a state of the process, so this is one test.
#[test]
fn handles_are_lent_until_the_call_ends() {
    let [mut owner, mut user, mut third] = [instance(), instance(), instance()];
    let ty = ResourceType { destructor: None, instance: &raw mut owner, kind: KIND.into() };
    let table = |instance| ResourceTable { ty: &raw const ty, instance };
    let tables = [table(&raw mut owner), table(&raw mut user), table(&raw mut third)];
    const OWNER: u32 = 0;
    const USER: u32 = 1;
    const THIRD: u32 = 2;
    // SAFETY: the numbers are those of tables.
    let own = |handle, from, to| unsafe { transfer::own(handle, from, to, tables.as_ptr()) };
    // SAFETY: as above.
    let borrow = |handle, from, to| unsafe { transfer::borrow(handle, from, to, tables.as_ptr()) };

    let handle = own(handle::add_own(&mut owner, KIND, 77), OWNER, USER);
    assert_eq!(trap(|| handle::remove(&mut owner, KIND, 1)), Some(Trap::UnknownHandle), "given away");

    scope::enter();
    assert_eq!(borrow(handle, USER, OWNER), 77, "who defines a resource gets its representation");
    assert_eq!(trap(|| handle::remove(&mut user, KIND, handle)), Some(Trap::ResourceLent));
    assert_eq!(trap(|| own(handle, USER, THIRD)), Some(Trap::ResourceLent));
    scope::exit();

    scope::enter();
    let borrowed = [borrow(handle, USER, THIRD), borrow(handle, USER, THIRD)];
    assert_eq!(borrowed, [1, 2]);
    assert_eq!(handle::representation(&mut third, KIND, 2), 77);
    // Lent on, in a call of the callee's: a borrowed handle needs no giving back.
    scope::enter();
    assert_eq!(borrow(2, THIRD, OWNER), 77);
    scope::exit();
    assert_eq!(handle::remove(&mut third, KIND, 1), None, "a borrowed handle owns nothing");
    assert_eq!(trap(scope::exit), Some(Trap::BorrowsRemain));
    assert_eq!(handle::remove(&mut third, KIND, 2), None);
    scope::exit();

    scope::enter();
    let borrowed = borrow(handle, USER, THIRD);
    assert_eq!(trap(|| own(borrowed, THIRD, OWNER)), Some(Trap::NotOwned));
}

#[test]
fn slabs_keep_their_values_in_place() {
    static SLAB: Slab<[u64; 3]> = Slab::empty();
    let first = SLAB.insert([1, 2, 3]);
    let place = SLAB.get(first);
    let numbers: Vec<u32> = (0..10_000).map(|number| SLAB.insert([number; 3])).collect();
    assert!(ptr::eq(place, SLAB.get(first)));
    assert_eq!(*SLAB.get(numbers[9_999]), [9_999; 3]);
    assert_eq!(SLAB.remove(numbers[5]), [5; 3]);
    assert_eq!(SLAB.insert([9; 3]), numbers[5]);
}

/// UTF-16 as the canonical ABI has it.
fn utf16(text: &str) -> Vec<Unit> {
    text.encode_utf16().map(u16::to_le_bytes).collect()
}

const TEXTS: [&str; 6] =
    ["", "plain", "caf\u{e9} \u{ff}", "na\u{ef}ve \u{2192} \u{1f9dd}!", "\u{1f9dd}", "\u{100}\u{0}"];

/// A latin1+utf16 string with this length.
fn compact(destination: &[Unit], length: u32) -> String {
    if length & UTF16_TAG != 0 {
        let units = destination[..(length ^ UTF16_TAG) as usize].iter().map(|unit| u16::from_le_bytes(*unit));
        return char::decode_utf16(units).map(Result::unwrap).collect();
    }
    destination.as_flattened()[..length as usize].iter().copied().map(char::from).collect()
}

#[test]
fn encodings_are_converted() {
    for text in TEXTS {
        let units = utf16(text);
        let mut wide = vec![[0xaa; 2]; text.len()];
        let written = text::utf8_to_utf16(text.as_bytes(), &mut wide).unwrap();
        assert_eq!(wide[..written], units);

        let mut narrow = vec![0xaa; 3 * units.len()];
        let progress = text::utf16_to_utf8(&units, &mut narrow, false).unwrap();
        assert_eq!(progress, Progress { read: units.len(), written: text.len() });
        assert_eq!(&narrow[..text.len()], text.as_bytes());

        let ascii = text.chars().take_while(char::is_ascii).count();
        let progress = text::utf16_to_utf8(&units, &mut narrow, true).unwrap();
        assert_eq!(progress, Progress { read: ascii, written: ascii });

        let mut destination = vec![[0xaa; 2]; units.len()];
        let length = text::utf16_to_compact(&units, &mut destination).unwrap();
        assert_eq!(compact(&destination, length), text);
        let is_latin1 = text.chars().all(|char| char <= '\u{ff}');
        assert_eq!(length & UTF16_TAG == 0, is_latin1);
        assert_eq!(text::copy_utf16(&units, &mut destination), Ok(is_latin1));
        assert_eq!(destination, units);
    }
}

/// What adapters do for a destination in latin1+utf16: Latin-1 as far as it goes, then UTF-16.
#[test]
fn the_second_pass_goes_on_where_the_first_stopped() {
    for text in TEXTS {
        let latin1 = text.chars().take_while(|char| *char <= '\u{ff}').count();
        let front: String = text.chars().take(latin1).collect();

        let mut destination = vec![[0xaa; 2]; text.len()];
        let bytes = destination.as_flattened_mut();
        let progress = text::utf8_to_latin1(text.as_bytes(), bytes);
        assert_eq!(progress, Progress { read: front.len(), written: latin1 });
        let rest = text::widen(&mut destination, latin1);
        let written = text::utf8_to_utf16(&text.as_bytes()[progress.read..], rest).unwrap();
        assert_eq!(compact(&destination, (latin1 + written) as u32 | UTF16_TAG), text);

        let units = utf16(text);
        let mut destination = vec![[0xaa; 2]; units.len()];
        let progress = text::utf16_to_latin1(&units, destination.as_flattened_mut());
        assert_eq!(progress, Progress { read: latin1, written: latin1 });
        let rest = text::widen(&mut destination, latin1);
        text::copy_utf16(&units[latin1..], rest).unwrap();
        assert_eq!(compact(&destination, units.len() as u32 | UTF16_TAG), text);
    }
}

#[test]
fn latin1_is_converted() {
    let source: Vec<u8> = (0..=255).collect();
    let text: String = source.iter().copied().map(char::from).collect();
    let mut wide = vec![[0xaa; 2]; 256];
    text::latin1_to_utf16(&source, &mut wide);
    assert_eq!(wide, utf16(&text));
    let mut narrow = vec![0; 512];
    assert_eq!(text::latin1_to_utf8(&source, &mut narrow, true), Progress { read: 128, written: 128 });
    let progress = text::latin1_to_utf8(&source, &mut narrow, false);
    assert_eq!(progress, Progress { read: 256, written: 384 });
    assert_eq!(&narrow[..384], text.as_bytes());
    // As much as fits: not half of a character.
    assert_eq!(
        text::latin1_to_utf8(&source, &mut narrow[..129], false),
        Progress { read: 128, written: 128 }
    );
}

#[test]
fn what_is_no_text_is_replaced() {
    for text in [&b"plain \xc3\xa9"[..], b"\xff", b"a\xc3", b"a\xe2\x82b\xf0\x9f\xa7", b"\xed\xa0\x80!", b""]
    {
        let expected = String::from_utf8_lossy(text);
        let mut chars = String::new();
        text::each_char(text, &mut |char| chars.push(char));
        assert_eq!(chars, expected);
        for (encoding, bytes) in [
            (text::Encoding::Utf8, expected.as_bytes().to_vec()),
            (text::Encoding::Utf16, utf16(&expected).as_flattened().to_vec()),
        ] {
            let (mut encoded, mut buffer) = (Vec::<u8>::new(), [0; 4]);
            text::each_char(text, &mut |char| {
                let length = text::encode(char, encoding, &mut buffer);
                encoded.extend(&buffer[..length]);
            });
            assert_eq!(encoded, bytes);
        }
    }
    let mut buffer = [0; 4];
    assert_eq!(text::encode('\u{e9}', text::Encoding::Latin1, &mut buffer), 1);
    assert_eq!(buffer[0], 0xe9);
}

#[test]
fn invalid_text_is_refused() {
    let lone = [[0x41, 0], [0, 0xd8], [0x42, 0]];
    let mut units = [[0; 2]; 8];
    let mut bytes = [0; 8];
    assert_eq!(text::copy_utf16(&lone, &mut units), Err(Trap::InvalidUtf16));
    assert_eq!(text::utf16_to_compact(&lone, &mut units), Err(Trap::InvalidUtf16));
    assert_eq!(text::utf16_to_utf8(&lone, &mut bytes, false), Err(Trap::InvalidUtf16));
    assert_eq!(text::utf16_into(&lone, &mut bytes), Err(Trap::InvalidUtf16));
    assert_eq!(text::utf16_into(&lone, &mut []), Err(Trap::InvalidUtf16), "also where it doesn't fit");
    assert_eq!(text::utf16_into(&utf16("\u{e9}t\u{e9}"), &mut bytes), Ok(Some(5)));
    assert_eq!(text::utf16_into(&utf16("\u{e9}t\u{e9}"), &mut bytes[..4]), Ok(None));
    for invalid in [&b"a\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"] {
        assert!(text::utf8(invalid).is_err());
        assert_eq!(text::utf8_to_utf16(invalid, &mut units), Err(Trap::InvalidUtf8));
        let read = text::utf8_to_latin1(invalid, &mut bytes).read;
        assert!(read < invalid.len(), "the second pass finds it");
    }
}
