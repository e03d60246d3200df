//! Demangles function names in Rust's and C++'s manglings. Names come from untrusted modules, and both manglings have
//! back-references, so a short name can stand for a practically endless text. Here the text is bounded while it is
//! written: that of each name by [`MAX_TEXT`], that of all names by a multiple of their size in the module. So is the
//! work, which is counted, not timed: the same module gives the same names everywhere.
//!
//! A name whose text would be longer is left mangled.

use std::borrow::Cow;
use std::fmt;

/// The maximum length in bytes of the text of one name. Of 490,000 names in LLVM and in Rust programs, 168
/// have longer texts.
const MAX_TEXT: usize = 8 << 10;

/// Longer names aren't demangled.
const MAX_MANGLED: usize = 4 << 10;

/// The maximum total size of the demangled names in bytes: this many for each byte of the names in the module, plus a
/// constant. The same 490,000 names take 1.2.
const TEXT_PER_BYTE: usize = 4;
const FREE_TEXT: usize = 64 << 10;

/// The maximum number of steps of the C++ demangler, bounded like the text. Those names take 20 for each byte
/// to be parsed.
const WORK_PER_BYTE: u64 = 64;
const FREE_WORK: u64 = 1024;

/// Demangles the names of one module.
pub struct Demangler {
    /// The number of bytes of text that may still be written.
    left: usize,
}

impl Demangler {
    /// `bytes`: the total size of all names.
    pub fn new(bytes: usize) -> Demangler {
        Demangler { left: bytes.saturating_mul(TEXT_PER_BYTE).saturating_add(FREE_TEXT) }
    }

    /// The text of a name in Rust's or C++'s mangling. Any other name is returned as it is.
    pub fn demangle<'n>(&mut self, name: &'n str) -> Cow<'n, str> {
        if name.len() > MAX_MANGLED {
            return name.into();
        }
        let most = self.left.min(MAX_TEXT);
        let mut text = Text { text: String::new(), left: most };
        let complete = match rustc_demangle::try_demangle(name) {
            Ok(rust) => fmt::write(&mut text, format_args!("{rust:#}")).is_ok(),
            Err(_) => name.starts_with("_Z") && write_cpp(name, &mut text).is_some(),
        };
        // Discarded text counts, too.
        self.left -= most - text.left;
        if complete { text.text.into() } else { name.into() }
    }
}

/// Writes the text of a name in C++'s mangling; none if the name isn't in that mangling, or exceeds the
/// bounds.
fn write_cpp(name: &str, text: &mut Text) -> Option<()> {
    let work = FREE_WORK + WORK_PER_BYTE * name.len() as u64;
    let options = cpp_demangle::ParseOptions::default().work_limit(work);
    let symbol = cpp_demangle::BorrowedSymbol::new_with_options(name.as_bytes(), &options).ok()?;
    let options = cpp_demangle::DemangleOptions::new().no_return_type().work_limit(work);
    symbol.structured_demangle(text, &options).ok()
}

/// Text that refuses to become too long. Each part counts as at least one byte, so that the number of parts is bounded.
struct Text {
    text: String,
    left: usize,
}

impl fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        match self.left.checked_sub(part.len().max(1)) {
            Some(left) => self.left = left,
            None => {
                self.left = 0;
                return Err(fmt::Error);
            }
        }
        self.text.push_str(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demangle(name: &str) -> String {
        Demangler::new(name.len()).demangle(name).into_owned()
    }

    /// A Rust function whose type parameters are `count` times a type with a name of 200 bytes.
    fn rust(count: usize) -> String {
        let ident = "x".repeat(200);
        let first = format!("NtC1a200{ident}");
        // Back-references count from after `_R`: the type follows `INvC1a1f`.
        format!("_RINvC1a1f{first}{}E", "B7_".repeat(count - 1))
    }

    /// A C++ function with `count` parameters of a type like that.
    fn cpp(count: usize) -> String {
        format!("_Z1f200{}{}", "x".repeat(200), "S_".repeat(count - 1))
    }

    #[test]
    fn names_are_demangled() {
        assert_eq!(demangle("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(demangle("_RNvC6_123foo3bar"), "123foo::bar");
        assert_eq!(demangle("_ZN5space3fooEii"), "space::foo(int, int)");
        assert_eq!(
            demangle("_ZNKSt6vectorIiSaIiEE4sizeEv"),
            "std::vector<int, std::allocator<int> >::size() const"
        );
        assert_eq!(demangle("main"), "main");
        let ident = "x".repeat(200);
        assert_eq!(demangle(&rust(2)), format!("a::f::<a::{ident}, a::{ident}>"));
        assert_eq!(demangle(&cpp(2)), format!("f({ident}, {ident})"));
    }

    #[test]
    fn long_texts_are_left_as_they_are() {
        for name in [rust as fn(usize) -> String, cpp] {
            let (short, long) = (name(30), name(60));
            assert!((6000..MAX_TEXT).contains(&demangle(&short).len()));
            assert_eq!(demangle(&long), long);
        }
    }

    #[test]
    fn all_names_together_are_bounded() {
        for name in [rust(30), cpp(30)] {
            const COUNT: usize = 1000;
            let mut demangler = Demangler::new(COUNT * name.len());
            let lengths: Vec<usize> = (0..COUNT).map(|_| demangler.demangle(&name).len()).collect();
            assert!(lengths[0] > 6000);
            assert_eq!(lengths[COUNT - 1], name.len());
            let total: usize = lengths.iter().sum();
            assert!(total <= (TEXT_PER_BYTE + 1) * COUNT * name.len() + FREE_TEXT, "{total}");
        }
    }

    /// The parser tries each `dl` as two productions, and what follows it again for each. Twelve of them end soon in
    /// either case.
    #[test]
    fn work_is_bounded() {
        let name = format!("_Z1fIX{}", "dl".repeat(12));
        let parse = |work| {
            let options = cpp_demangle::ParseOptions::default().work_limit(work);
            cpp_demangle::BorrowedSymbol::new_with_options(name.as_bytes(), &options).map(|_| ())
        };
        assert_eq!(parse(1000), Err(cpp_demangle::error::Error::TooMuchRecursion));
        assert_ne!(parse(u64::MAX), Err(cpp_demangle::error::Error::TooMuchRecursion));
        assert_eq!(demangle(&name), name);
    }

    #[test]
    fn empty_parts_count() {
        use fmt::Write as _;
        let mut text = Text { text: String::new(), left: 2 };
        assert!(text.write_str("").is_ok() && text.write_str("").is_ok());
        assert!(text.write_str("").is_err());
    }
}
