//! Libraries: their exports, what the embedder defines, and what is different in their headers.

use object::read::macho::{MachHeader as _, Nlist as _};

use super::super::super::inputs::{Import, Shared};
use super::super::link_shared;
use super::*;

/// A function that calls an import and one that calls the system; one that nothing needs; a table with addresses.
fn sample(architecture: Architecture) -> Assembler {
    let (call, word) = match architecture {
        Architecture::X86_64 => (
            relocation(macho::X86_64_RELOC_BRANCH, true, 2),
            relocation(macho::X86_64_RELOC_UNSIGNED, false, 3),
        ),
        _ => (
            relocation(macho::ARM64_RELOC_BRANCH26, true, 2),
            relocation(macho::ARM64_RELOC_UNSIGNED, false, 3),
        ),
    };
    let mut object = Assembler::new(architecture);
    let run = object.define("__TEXT", "__text", "_p_run", &[0; 8]);
    let hidden = object.define("__TEXT", "__text", "_hidden", &[0; 8]);
    object.define("__TEXT", "__text", "_unused", b"unused..");
    let table = object.define("__DATA", "__const", "_p_table", &[0; 16]);
    let [log, write] = ["_p_import_log", "_write"].map(|name| object.undefined(name));
    object.relocate((run, 0), log, call, None);
    object.relocate((run, 4), hidden, call, None);
    object.relocate((hidden, 0), write, call, None);
    object.relocate((table, 0), run, word, None);
    object.relocate((table, 8), log, word, None);
    object
}

fn linked(architecture: Architecture, exports: &[&str], imports: &[&str]) -> Result<Vec<u8>, String> {
    let exports: Vec<String> = exports.iter().map(|name| (*name).to_owned()).collect();
    let import = |name: &&str| Import { name: (*name).to_owned(), setter: String::new() };
    let imports: Vec<Import> = imports.iter().map(import).collect();
    let debug = Debug::default();
    let shared =
        Shared { name: "libp.dylib", exports: &exports, imports: &imports, unset: "", debug: &debug };
    let inputs = Inputs { object: sample(architecture).finish(), runtime: archive(&[]), stack_size: 0 };
    let linked = link_shared(&inputs, &shared).map_err(|error| format!("{error:#}"))?;
    Ok(linked.library)
}

#[test]
fn exports_and_imports_are_symbols() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let bytes = linked(architecture, &["p_table", "p_run"], &["p_import_log"]).unwrap();
        let image = Image::new(&bytes);
        let header = image.0.macho_header();
        assert_eq!(header.filetype(LE), macho::MH_DYLIB);
        assert_eq!(
            header.flags(LE),
            macho::MH_DYLDLINK | macho::MH_TWOLEVEL | macho::MH_NO_REEXPORTED_DYLIBS
        );
        // The kind of each symbol, and for an import the number of its library.
        let symbols: Vec<(&str, u8, u16)> = image
            .0
            .symbols()
            .map(|symbol| {
                let raw = symbol.macho_symbol();
                (symbol.name().unwrap(), raw.n_type(), raw.n_desc(LE) >> 8)
            })
            .collect();
        const EXPORT: u8 = macho::N_SECT | macho::N_EXT;
        let expected = [
            ("_hidden", macho::N_SECT, 0),
            ("_p_run", EXPORT, 0),
            ("_p_table", EXPORT, 0),
            ("_p_import_log", macho::N_EXT, 0xfe),
            ("_write", macho::N_EXT, 1),
        ];
        assert_eq!(symbols, expected);
        let table = image.symbol("_p_table");
        assert_eq!(image.pointer(table), image.symbol("_p_run"));
        assert_eq!(image.bound(table + 8), Some(0));
        let exports = image.0.exports().unwrap();
        let exports: Vec<(&[u8], u64)> = exports.iter().map(|one| (one.name(), one.address())).collect();
        let expected = ["_p_run", "_p_table"].map(|name| (name.as_bytes(), image.symbol(name)));
        assert_eq!(exports, expected);
    }
}

#[test]
fn without_imports_nothing_is_undefined() {
    let mut object = Assembler::new(Architecture::X86_64);
    object.define("__TEXT", "__text", "_p_end", &[0xc3]);
    let exports = ["p_end".to_owned()];
    let debug = Debug { strip: true, ..Debug::default() };
    let shared = Shared { name: "libp.dylib", exports: &exports, imports: &[], unset: "", debug: &debug };
    let inputs = Inputs { object: object.finish(), runtime: archive(&[]), stack_size: 0 };
    let bytes = link_shared(&inputs, &shared).unwrap().library;
    let image = Image::new(&bytes);
    assert!(image.0.macho_header().flags(LE) & macho::MH_NOUNDEFS != 0);
    assert!(bytes.windows(18).any(|window| window == b"@rpath/libp.dylib\0"));
}

#[test]
fn what_is_missing_is_named() {
    let fails = |exports: &[&str], words: &str| {
        let error = linked(Architecture::X86_64, exports, &[]).map(|_| ()).unwrap_err();
        assert!(error.contains(words), "{error}");
    };
    fails(&["p_absent"], "undefined symbol `_p_absent`");
    fails(&["p_run"], "undefined symbol `_p_import_log`");
    fails(&["write"], "the exported symbol `_write` isn't defined");
}
