//! Fills in the templates of the texts that describe a library: `@name@` stands for a value.

use crate::escape::escape;

/// A template with its values in their places. What the values contain is left as it is.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(2 * template.len());
    for (place, part) in template.split('@').enumerate() {
        if place % 2 == 0 {
            text += part;
        } else {
            let value = values.iter().find(|(name, _)| *name == part);
            text += value.unwrap_or_else(|| panic!("the template has a value `{part}`")).1;
        }
    }
    text
}

/// A Wasm name as comments can contain it: of ASCII, on one line, and neither the end nor the beginning of a comment.
pub fn comment(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut last = ' ';
    for c in escape(name).chars() {
        match (last, c) {
            ('*', '/') | ('/', '*') => text += &format!("\\x{:02x}", u32::from(c)),
            _ if c.is_ascii() => text.push(c),
            _ => text += &format!("\\u{{{:x}}}", u32::from(c)),
        }
        last = c;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_templates() {
        assert_eq!(fill("a @x@ b @y@@x@", &[("x", "@y@"), ("y", "")]), "a @y@ b @y@");
    }

    #[test]
    fn names_in_comments() {
        for (name, text) in [
            ("add", "add"),
            ("*/ int x; /*", "*\\x2f int x; /\\x2a"),
            ("/*/", "/\\x2a\\x2f"),
            ("grüße\n", "gr\\u{fc}\\u{df}e\\n"),
            ("*\\/", "*\\\\/"),
        ] {
            assert_eq!(comment(name), text);
        }
    }
}
