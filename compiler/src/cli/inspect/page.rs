//! The page of `inspect --html`: one file that needs nothing else, neither a network nor a library.
//!
//! Names come from untrusted modules. They are in the page only as data: as JSON in which nothing can end the element that it
//! is in, which the script puts into the page as text. Besides, a policy in the page (Content-Security-Policy) lets the
//! browser run this script and no other, use this style and no other, and load nothing.

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::report::Report;
use crate::library::template::fill;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// The page that shows a report.
///
/// # Errors
/// If a report isn't JSON: it always is.
pub fn page(report: &Report) -> Result<String> {
    let data = data(&serde_json::to_string(report)?);
    let title = text(&report.name);
    let (style_hash, script_hash) = (hash(STYLE), hash(SCRIPT));
    let values = [
        ("title", &*title),
        ("style", STYLE),
        ("script", SCRIPT),
        ("style-hash", &*style_hash),
        ("script-hash", &*script_hash),
        ("data", &*data),
    ];
    Ok(fill(PAGE, &values))
}

/// JSON as an element of a page can contain it: with the same meaning, but without what could end the element.
fn data(json: &str) -> String {
    json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

/// A text as the contents of an element, or as the value of an attribute in quotation marks.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What a policy calls a script or a style: its SHA-256 in base 64.
fn hash(text: &str) -> String {
    base64(&Sha256::digest(text))
}

/// Base 64 (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(padded);
        for digit in 0..4 {
            let index = number >> (18 - 6 * digit) & 63;
            text.push(if digit > group.len() { '=' } else { DIGITS[index as usize].into() });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(texts.map(|text| base64(text.as_bytes())), expected);
    }

    #[test]
    fn nothing_in_data_ends_it() {
        let hostile = r#"</script><!--<script>&amp;]]>"@data@'"#;
        let json = serde_json::to_string(hostile).unwrap();
        let shown = data(&json);
        assert!(!shown.contains(['<', '>', '&']), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), hostile);
        assert_eq!(text(r#"<b title="x">&"#), "&lt;b title=&quot;x&quot;&gt;&amp;");
    }
}
