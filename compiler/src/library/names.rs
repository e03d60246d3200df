//! The names of a library's functions in C. One rule for all of them, which docs/libraries.md states for users:
//!
//! - Letters, digits and `_` of a Wasm name stay; any other byte of its UTF-8 becomes `_xHH`, with two lowercase
//!   hexadecimal digits.
//! - A name of a whole file that would begin with a digit gets a `_` before. (In the middle of a symbol digits are fine.)
//! - Every symbol is the prefix, `_`, and such a name. If one of the symbols of an item is taken, or has another meaning in
//!   C or C++ (`thread_local`, of a library `thread`), the item's name gets `_2`, `_3` and so on. Names are given out in
//!   this order: the library's own, exports in the order of the module, imported memories, imported functions.

use std::collections::{HashMap, HashSet};

use wasm_aot_abi::library::{LibraryError, write_trap_name};
use wasm_aot_abi::trap::Trap;

use super::words::is_reserved;

/// What a library's header declares whatever the module exports, without the prefix: functions, types, macros; and
/// besides, the numbers of errors and traps.
const OWN: [&str; 18] = [
    "ALWAYS_NORETURN",
    "H",
    "backtrace",
    "delete",
    "directory",
    "error",
    "error_message",
    "exit_code",
    "handle_exception",
    "handle_signal",
    "instance",
    "instantiate",
    "new",
    "ok",
    "options",
    "reset",
    "trap",
    "v128",
];

/// A name as a part of identifiers, by the rule above.
pub fn mangle(name: &str) -> String {
    let mut mangled = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => mangled.push(char::from(byte)),
            _ => mangled += &format!("_x{byte:02x}"),
        }
    }
    mangled
}

/// A prefix made of the name of a file, without its directory and extension.
pub fn prefix(name: &str) -> String {
    let mangled = mangle(name);
    if mangled.starts_with(|c: char| c.is_ascii_digit()) { format!("_{mangled}") } else { mangled }
}

/// Whether a text can be a prefix as it is: an identifier.
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The name of a trap's number, without the prefix: `trap_integer_divide_by_zero`.
pub fn trap(trap: Trap) -> String {
    let mut name = String::new();
    write_trap_name(trap, |c| name.push(c));
    name
}

/// The names that are taken, all without the prefix.
pub struct Names<'p> {
    prefix: &'p str,
    taken: HashSet<String>,
    /// The last number that was tried for a name and these endings, so that many equal names don't take quadratic
    /// time.
    numbers: HashMap<(String, &'static [&'static str]), u32>,
}

impl<'p> Names<'p> {
    /// Only the library's own names are taken.
    pub fn new(prefix: &'p str) -> Names<'p> {
        let own = OWN.into_iter().chain(LibraryError::ALL.map(LibraryError::c_name));
        let traps = Trap::ALL.into_iter().map(trap);
        Names { prefix, taken: own.map(str::to_owned).chain(traps).collect(), numbers: HashMap::new() }
    }

    /// Takes a name whose symbols have these endings, with a number if one of them is taken.
    pub fn take(&mut self, name: String, endings: &'static [&'static str]) -> String {
        let prefix = self.prefix;
        let free = |taken: &HashSet<String>, name: &str| {
            let mut symbols = endings.iter().map(|ending| format!("{name}{ending}"));
            symbols.all(|symbol| !taken.contains(&symbol) && !is_reserved(&format!("{prefix}_{symbol}")))
        };
        let mut unique = name.clone();
        if !free(&self.taken, &unique) {
            let number = self.numbers.entry((name.clone(), endings)).or_insert(1);
            while !free(&self.taken, &unique) {
                *number += 1;
                unique = format!("{name}_{number}");
            }
        }
        self.taken.extend(endings.iter().map(|ending| format!("{unique}{ending}")));
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_no_identifier_has() {
        for (name, mangled) in [
            ("add", "add"),
            ("_a1", "_a1"),
            ("", ""),
            ("a.b-c d", "a_x2eb_x2dc_x20d"),
            ("*/ int x;", "_x2a_x2f_x20int_x20x_x3b"),
            ("ä", "_xc3_xa4"),
            ("7zip", "7zip"),
        ] {
            assert_eq!(mangle(name), mangled);
        }
        assert_eq!(prefix("7zip"), "_7zip");
        assert_eq!(prefix("libz-1.3"), "libz_x2d1_x2e3");
        assert!(
            is_identifier("_7zip") && !is_identifier("7zip") && !is_identifier("") && !is_identifier("a-b")
        );
    }

    #[test]
    fn clashes() {
        let mut names = Names::new("p");
        let function: &[&str] = &[""];
        assert_eq!(names.take("reset".to_owned(), function), "reset_2");
        assert_eq!(names.take("trap_unreachable".to_owned(), function), "trap_unreachable_2");
        assert_eq!(names.take("a_x2d".to_owned(), function), "a_x2d");
        assert_eq!(names.take("a_x2d".to_owned(), function), "a_x2d_2");
        assert_eq!(names.take("a_x2d_2".to_owned(), function), "a_x2d_2_2");
        assert_eq!(names.take("a_x2d".to_owned(), function), "a_x2d_3");
        assert_eq!(names.take("memory_size".to_owned(), function), "memory_size");
        assert_eq!(names.take("memory".to_owned(), &["_base", "_size", "_pointer"]), "memory_2");
        assert_eq!(names.take("memory".to_owned(), function), "memory");
    }
}
