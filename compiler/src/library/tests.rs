//! The texts of an interface with everything in it, compared with the files in `golden/`: rewritten with
//! `WASM_AOT_BLESS=1`. `tests/libraries/texts.sh` compiles them.

use std::path::Path;

use super::{Handler, Interface, Options, Provider, header, rust};
use crate::parse;

/// All types of values in all places, and names that are hostile to C and Rust.
const MODULE: &str = include_str!("golden/everything.wat");

fn interface(text: &str, many: bool) -> Interface {
    let wasm = wat::parse_str(text).unwrap();
    let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
    let options = Options { prefix: "everything".to_owned(), many, handler: Handler::Signals };
    Interface::of(&module, options, |module, _| {
        (module == "wasi_snapshot_preview1").then_some(Provider::Runtime)
    })
    .unwrap()
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/library/golden").join(name);
    if std::env::var_os("WASM_AOT_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(text == expected, "{name} differs; WASM_AOT_BLESS=1 rewrites it");
}

#[test]
fn texts() {
    for (many, kind) in [(false, "one"), (true, "many")] {
        let everything = interface(MODULE, many);
        golden(&format!("everything-{kind}.h"), &header(&everything));
        golden(&format!("everything-{kind}.rs.txt"), &rust(&everything));
    }
    let nothing = interface("(module)", false);
    golden("nothing.h", &header(&nothing));
    golden("nothing.rs.txt", &rust(&nothing));
}

#[test]
fn texts_are_of_ascii_and_lines_are_not_endless() {
    let everything = interface(MODULE, true);
    for text in [header(&everything), rust(&everything)] {
        assert!(text.is_ascii());
        assert!(!text.replace("\\x7f@P@", "").contains('@'), "a value is missing");
        assert!(text.ends_with("}\n") || text.ends_with("#endif\n"));
        assert!(text.lines().all(|line| line == line.trim_end()), "no blanks at the ends of lines");
    }
}
