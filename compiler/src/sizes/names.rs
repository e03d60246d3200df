//! The namespaces of functions: crates, modules, classes. Names are those that demanglers write for C++ and Rust; other
//! names have none.

/// The most namespaces of a name: what is nested deeper counts as part of the function.
const MOST: usize = 8;

/// The namespaces that a name begins with, from the outside to the inside, without the arguments of templates: those of
/// `std::vector<int>::push_back(int)` are `std` and `vector`. Those of a method of an implementation,
/// `<crate::Type as Trait>::method`, are those of the type, and the type.
pub fn namespaces(name: &str) -> Vec<String> {
    if let Some((inside, _)) = bracketed(name) {
        let ty = inside.split_once(" as ").map_or(inside, |(ty, _)| ty);
        let ty = ty.trim_start_matches(['&', '*', '(', '[']);
        let ty = ["mut ", "const ", "dyn "].iter().fold(ty, |ty, word| ty.strip_prefix(word).unwrap_or(ty));
        // With itself, if it isn't a type of the language, such as `str`.
        let mut segments = segments(ty);
        if segments.len() == 1 {
            segments.clear();
        }
        return segments.into_iter().map(plain).take(MOST).collect();
    }
    let mut segments = segments(name);
    segments.pop();
    segments.into_iter().map(plain).take(MOST).collect()
}

/// What is shown of a name that many parts have: were it longer, they would be far larger than the file.
pub fn shortened(name: &str) -> &str {
    const MOST_BYTES: usize = 255;
    &name[..name.floor_char_boundary(MOST_BYTES)]
}

/// What is left of a name without the namespaces that it begins with.
pub fn within(name: &str) -> &str {
    // The whole name says which implementation it is.
    if bracketed(name).is_some() {
        return name;
    }
    let segments = segments(name);
    let namespaces = &segments[..segments.len() - 1];
    let skipped: usize = namespaces.iter().take(MOST).map(|segment| segment.len() + 2).sum();
    name.get(skipped..).unwrap_or(name)
}

/// What is between angle brackets at the beginning of a name, and what follows.
fn bracketed(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix('<')?;
    let end = closing(rest)?;
    Some((&rest[..end], &rest[end + 1..]))
}

/// Where the bracket closes that was opened before this text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            // Not an arrow.
            b'>' if at == 0 || bytes[at - 1] != b'-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The parts between `::`, but for those within brackets. The last one is all that follows.
fn segments(name: &str) -> Vec<&str> {
    let (mut segments, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            // Its name may consist of brackets.
            b'o' if at == start && name[at..].starts_with("operator") => break,
            // The prefix of something that isn't a function, such as `guard variable for`.
            b' ' if depth == 0 => break,
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && bytes.get(at + 1) == Some(&b':') && at > start => {
                segments.push(&name[start..at]);
                start = at + 2;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    segments.push(&name[start..]);
    segments
}

/// A namespace without the arguments of a template, and a lambda without its parameters.
fn plain(segment: &str) -> String {
    let end = match segment.find(['<', '(']) {
        None | Some(0) => segment.len(),
        Some(end) => end,
    };
    segment[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_cpp_and_rust() {
        for (name, expected, rest) in [
            ("main", &[][..], "main"),
            ("PyObject_Call", &[], "PyObject_Call"),
            (
                "std::vector<int, std::allocator<int> >::push_back(int const&)",
                &["std", "vector"],
                "push_back(int const&)",
            ),
            ("(anonymous namespace)::parse(std::string)", &["(anonymous namespace)"], "parse(std::string)"),
            ("a::operator<<(b::c, d)", &["a"], "operator<<(b::c, d)"),
            (
                "a::b::operator()(int) const::{lambda(int)#1}::x",
                &["a", "b"],
                "operator()(int) const::{lambda(int)#1}::x",
            ),
            ("core::fmt::write", &["core", "fmt"], "write"),
            ("alloc::vec::Vec<T,A>::push", &["alloc", "vec", "Vec"], "push"),
            ("a::b::{closure#0}", &["a", "b"], "{closure#0}"),
            ("<a::b::C<d::E> as f::G>::h", &["a", "b", "C"], "<a::b::C<d::E> as f::G>::h"),
            ("<&mut a::B as c::D>::e", &["a", "B"], "<&mut a::B as c::D>::e"),
            ("<str as a::B>::c", &[], "<str as a::B>::c"),
            ("<a::F<fn(x) -> y::Z>>::call", &["a", "F"], "<a::F<fn(x) -> y::Z>>::call"),
            ("vtable for a::B", &[], "vtable for a::B"),
            ("", &[], ""),
            ("::", &[], "::"),
            ("::a", &[], "::a"),
            ("<", &[], "<"),
            ("a<::b", &[], "a<::b"),
            ("ä::ö", &["ä"], "ö"),
        ] {
            assert_eq!(namespaces(name), expected, "{name}");
            assert_eq!(within(name), rest, "{name}");
        }
    }

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"ä".repeat(200)), "ä".repeat(127));
    }

    #[test]
    fn nesting_is_bounded() {
        let name = "a::".repeat(100) + "b";
        assert_eq!(namespaces(&name).len(), MOST);
        assert_eq!(within(&name), "a::".repeat(100 - MOST) + "b");
    }
}
