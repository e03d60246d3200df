//! Names that were perhaps meant.

use crate::escape::escape;

/// The maximum number of names that a message lists.
const MOST_LISTED: usize = 5;

/// The maximum number of names that are compared.
const MOST_COMPARED: usize = 10_000;

/// The length in characters beyond which names aren't compared.
const MOST_CHARACTERS: usize = 60;

/// Names for a message, those first that are most like `wanted`: `add`, `mul` and 3 more. None if there is no name.
pub fn list<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let mut names: Vec<&str> = names.collect();
    let total = names.len();
    names.truncate(MOST_COMPARED);
    names.sort_by_cached_key(|name| (distance(wanted, name), *name));
    let listed: Vec<String> =
        names.iter().take(MOST_LISTED).map(|name| format!("`{}`", shown(name))).collect();
    match total - listed.len() {
        _ if listed.is_empty() => None,
        0 => Some(listed.join(", ")),
        more => Some(format!("{} and {more} more", listed.join(", "))),
    }
}

/// A name as messages have it: escaped, and shortened if it is long.
pub fn shown(name: &str) -> String {
    match name.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}...", escape(&name[..end])),
        None => escape(name).into_owned(),
    }
}

/// How many characters have to be inserted, removed or replaced to get from one name to the other; for long names, the
/// difference of their lengths. (Levenshtein.)
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(MOST_CHARACTERS + 1).collect(), b.chars().take(MOST_CHARACTERS + 1).collect());
    if a.len().max(b.len()) > MOST_CHARACTERS {
        return if a == b { 0 } else { MOST_CHARACTERS + a.len().abs_diff(b.len()) };
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("ab", "ba")), (3, 0, 2));
    }

    #[test]
    fn the_most_similar_name_is_first() {
        let names = ["add", "subtract", "multiply", "div", "sub", "rem", "neg"];
        let text = list("substract", names.into_iter()).unwrap();
        assert_eq!(text, "`subtract`, `sub`, `multiply`, `add`, `rem` and 2 more");
        assert_eq!(list("x", [].into_iter()), None);
        assert!(list("x", std::iter::once("\u{1b}[2J")).unwrap().contains("\\x1b"));
    }
}
