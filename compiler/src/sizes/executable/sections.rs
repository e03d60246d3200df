//! What is left of sections, by their names.

use object::{Object as _, ObjectSection as _};

use super::claims::Claims;
use crate::escape::escape;
use crate::sizes::names::shortened;
use crate::sizes::{Kind, Part};

/// The beginning of a section's name, without dots and underscores before it, what it has, and how that is called.
/// The first that fits counts.
const SECTIONS: [(&str, Kind, &str); 34] = [
    ("debug_", Kind::Debug, ""),
    ("zdebug_", Kind::Debug, ""),
    ("gnu_debuglink", Kind::Debug, "name of the file with the debug information"),
    ("symtab", Kind::Debug, "symbols"),
    ("strtab", Kind::Debug, "names of symbols"),
    ("shstrtab", Kind::Headers, "names of sections"),
    ("wasm_aot.image", Kind::Padding, "after initial contents of memories"),
    ("wasm_aot.policy", Kind::Metadata, "policy"),
    ("policy", Kind::Metadata, "policy"),
    ("eh_frame", Kind::Metadata, "unwind tables"),
    ("unwind_info", Kind::Metadata, "unwind tables"),
    ("pdata", Kind::Metadata, "unwind tables"),
    ("xdata", Kind::Metadata, "unwind tables"),
    ("dynsym", Kind::Headers, "dynamic linking"),
    ("dynstr", Kind::Headers, "dynamic linking"),
    ("dynamic", Kind::Headers, "dynamic linking"),
    ("hash", Kind::Headers, "dynamic linking"),
    ("gnu.hash", Kind::Headers, "dynamic linking"),
    ("gnu.version", Kind::Headers, "dynamic linking"),
    ("got", Kind::Headers, "dynamic linking"),
    ("plt", Kind::Headers, "dynamic linking"),
    ("stubs", Kind::Headers, "dynamic linking"),
    ("idata", Kind::Headers, "dynamic linking"),
    ("edata", Kind::Headers, "dynamic linking"),
    ("rel", Kind::Headers, "relocations"),
    ("note", Kind::Headers, "notes"),
    ("text", Kind::Runtime, "code without symbols"),
    ("rodata", Kind::Constants, "constants without symbols"),
    ("rdata", Kind::Constants, "constants without symbols"),
    ("const", Kind::Constants, "constants without symbols"),
    ("data.rel.ro", Kind::Constants, "constants without symbols, with addresses"),
    ("data", Kind::Constants, "variables without symbols"),
    ("init", Kind::Headers, "dynamic linking"),
    ("fini", Kind::Headers, "dynamic linking"),
];

/// Bytes of a section's name that are looked at.
const MOST_NAME: usize = 256;

/// Claims what is left of each section.
pub fn claim(file: &object::File<'_>, claims: &mut Claims) {
    for section in file.sections() {
        let Some((offset, bytes)) = section.file_range() else { continue };
        let name = section.name_bytes().unwrap_or_default();
        let name = String::from_utf8_lossy(name.get(..MOST_NAME).unwrap_or(name));
        let name = shortened(&name);
        let plain = name.trim_start_matches(['.', '_']);
        let known = SECTIONS.iter().find(|(start, ..)| plain.starts_with(start));
        let part = match known {
            Some((_, kind, "")) => Part::new(*kind, escape(name)),
            Some((_, kind, title)) => Part::new(*kind, *title),
            None => Part::new(Kind::Constants, format!("section {}", escape(name))),
        };
        claims.ranges.claim(offset..offset.saturating_add(bytes), part);
    }
}
