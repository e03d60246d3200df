//! What the canonical ABI must do with values that are none: a `.wast` file for each row of a table.
//!
//! Each file has two components, of which one calls the other's function `f`. What either does is core code, so it can
//! give anything away for a value.

use super::matrix::Made;

/// What becomes of a call.
enum Expected {
    /// The caller gets this.
    Gets(u32),
    /// It traps with these words.
    Traps(&'static str),
}

use Expected::{Gets, Traps};

/// A row: a function, and how it is misused.
struct Misuse {
    name: &'static str,
    /// The definition of the type `$t`, if `f` has one that must be exported.
    ty: &'static str,
    /// Parameters and result of `f`.
    signature: String,
    encoding: &'static str,
    /// As the callee exports it: core parameters and results, and the body.
    callee: String,
    /// As the caller imports it: core parameters and results.
    lowered: &'static str,
    /// The body of what gives the caller's finding.
    caller: String,
    /// The bodies of `realloc` of callee and caller, with parameters 0 to 3.
    callee_realloc: &'static str,
    caller_realloc: &'static str,
    /// What is in the memory of both, at 64.
    data: &'static str,
    expected: Expected,
}

const CHAR: &str = "invalid `char` bit pattern";
const DISCRIMINANT: &str = "invalid variant discriminant";
const LIST: &str = "list content out-of-bounds";
const STRING: &str = "string content out-of-bounds";
const UTF8: &str = "invalid utf-8 encoding";
const UTF16: &str = "invalid utf-16 encoding";
const UNALIGNED: &str = "unaligned pointer";

impl Misuse {
    /// `f` takes a value, of which it returns the first core value; the caller passes core values.
    fn take(
        name: &'static str,
        ty: &'static str,
        parameter: &str,
        passed: &str,
        expected: Expected,
    ) -> Misuse {
        let two = passed.matches("const").count() == 2;
        Misuse {
            name,
            ty,
            signature: format!("(param \"x\" {parameter}) (result u32)"),
            encoding: "utf8",
            callee: format!("(param {}) (result i32) (local.get 0)", if two { "i32 i32" } else { "i32" }),
            lowered: if two { "(param i32 i32) (result i32)" } else { "(param i32) (result i32)" },
            caller: format!("(call $f {passed})"),
            callee_realloc: "(i32.const 256)",
            caller_realloc: "(i32.const 256)",
            data: "",
            expected,
        }
    }

    /// `f` takes a list of what is at 64 in the caller's memory, and returns the first element's first bytes.
    fn take_list(
        name: &'static str,
        ty: &'static str,
        element: &str,
        data: &'static str,
        expected: Expected,
    ) -> Misuse {
        let parameter = format!("(list {element})");
        let load = "(param i32 i32) (result i32) (i32.load8_u (local.get 0))";
        let row = Misuse::take(name, ty, &parameter, "(i32.const 64) (i32.const 1)", expected);
        Misuse { callee: load.to_owned(), data, ..row }
    }

    /// `f` returns a value as one core value, which the caller gets.
    fn give(
        name: &'static str,
        ty: &'static str,
        result: &str,
        returned: &str,
        expected: Expected,
    ) -> Misuse {
        Misuse {
            signature: format!("(result {result})"),
            callee: format!("(result i32) {returned}"),
            lowered: "(result i32)",
            caller: "(call $f)".to_owned(),
            ..Misuse::take(name, ty, "u32", "", expected)
        }
    }

    /// `f` returns a value in memory, at an address; the caller gets its first byte.
    fn give_at(
        name: &'static str,
        ty: &'static str,
        result: &str,
        address: &str,
        data: &'static str,
        expected: Expected,
    ) -> Misuse {
        Misuse {
            lowered: "(param i32)",
            caller: "(call $f (i32.const 512)) (i32.load8_u (i32.const 512))".to_owned(),
            data,
            ..Misuse::give(name, ty, result, address, expected)
        }
    }

    /// `f` takes a string, whose length it returns; the caller passes what is at 64.
    fn text(
        name: &'static str,
        encoding: &'static str,
        data: &'static str,
        length: &str,
        expected: Expected,
    ) -> Misuse {
        let row = Misuse::take(name, "", "string", &format!("(i32.const 64) (i32.const {length})"), expected);
        Misuse { callee: "(param i32 i32) (result i32) (local.get 1)".to_owned(), encoding, data, ..row }
    }

    fn with_realloc(self, callee: &'static str) -> Misuse {
        Misuse { callee_realloc: callee, ..self }
    }

    fn file(&self) -> Made {
        let Misuse { name, ty, signature, encoding, callee, lowered, caller, .. } = self;
        let Misuse { callee_realloc, caller_realloc, data, .. } = self;
        let (exported, imported) = match ty {
            &"" => Default::default(),
            ty => (
                format!("(type $d {ty}) (export $t \"t\" (type $d))"),
                format!("(type $d {ty}) (export \"t\" (type $t (eq $d)))"),
            ),
        };
        let assertion = match self.expected {
            Gets(value) => format!("(assert_return (invoke \"run\") (u32.const {value}))"),
            Traps(words) => format!("(assert_trap (invoke \"run\") \"{words}\")"),
        };
        let realloc =
            |body| format!("(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) {body})");
        let text = format!(
            r#"(component
  (component $callee
    (core module $m
      (memory (export "memory") 1)
      {callee_realloc}
      (data (i32.const 64) "{data}")
      (func (export "f") {callee}))
    (core instance $i (instantiate $m))
    {exported}
    (func (export "f") {signature} (canon lift (core func $i "f")
      (memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding={encoding})))
  (instance $callee (instantiate $callee))
  (component $caller
    (import "callee" (instance $callee
      {imported}
      (export "f" (func {signature}))))
    (core module $library
      (memory (export "memory") 1)
      {caller_realloc})
    (core instance $library (instantiate $library))
    (core func $f (canon lower (func $callee "f")
      (memory (core memory $library "memory")) (realloc (core func $library "realloc")) string-encoding={encoding}))
    (core module $m
      (import "library" "memory" (memory 1))
      (import "callee" "f" (func $f {lowered}))
      (data (i32.const 64) "{data}")
      (func (export "run") (result i32) {caller}))
    (core instance $i (instantiate $m
      (with "library" (instance $library))
      (with "callee" (instance (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $caller (instantiate $caller (with "callee" (instance $callee))))
  (func (export "run") (alias export $caller "run")))
{assertion}
"#,
            callee_realloc = realloc(callee_realloc),
            caller_realloc = realloc(caller_realloc),
        );
        Made { name: format!("misuse/{name}"), text }
    }
}

const ENUM: &str = "(enum \"a\" \"b\")";
const FLAGS: &str = "(flags \"a\" \"b\" \"c\")";
const VARIANT: &str = "(variant (case \"a\") (case \"b\" u32))";
const BEYOND: &str = "\\02\\00\\00\\00\\05\\00\\00\\00";

fn values() -> Vec<Misuse> {
    let (take, take_list) = (Misuse::take, Misuse::take_list);
    vec![
        take("char-low-surrogate", "", "char", "(i32.const 0xdc00)", Traps(CHAR)),
        take("char-high-surrogate", "", "char", "(i32.const 0xd800)", Traps(CHAR)),
        take("char-beyond", "", "char", "(i32.const 0x110000)", Traps(CHAR)),
        take("char-negative", "", "char", "(i32.const -1)", Traps(CHAR)),
        take("bool-two", "", "bool", "(i32.const 2)", Gets(1)),
        take("bool-high", "", "bool", "(i32.const 0x100)", Gets(1)),
        take("u8-high", "", "u8", "(i32.const 0x1fe)", Gets(0xfe)),
        take("s8-high", "", "s8", "(i32.const 0x180)", Gets(0xffff_ff80)),
        take("u16-high", "", "u16", "(i32.const 0x1fffe)", Gets(0xfffe)),
        take("s16-high", "", "s16", "(i32.const 0x18000)", Gets(0xffff_8000)),
        take("enum-beyond", ENUM, "$t", "(i32.const 2)", Traps(DISCRIMINANT)),
        take("enum-high", ENUM, "$t", "(i32.const 0x100)", Traps(DISCRIMINANT)),
        take("flags-unknown", FLAGS, "$t", "(i32.const 0xfd)", Gets(5)),
        take("variant-beyond", VARIANT, "$t", "(i32.const 2) (i32.const 0)", Traps(DISCRIMINANT)),
        take("option-beyond", "", "(option u32)", "(i32.const 2) (i32.const 0)", Traps(DISCRIMINANT)),
        take("result-beyond", "", "(result)", "(i32.const -1)", Traps(DISCRIMINANT)),
        take_list("list-bool", "", "bool", "\\ff", Gets(1)),
        take_list("list-char-surrogate", "", "char", "\\00\\d8\\00\\00", Traps(CHAR)),
        take_list("list-char-beyond", "", "char", "\\00\\00\\11\\00", Traps(CHAR)),
        take_list("list-enum", ENUM, "$t", BEYOND, Traps(DISCRIMINANT)),
        take_list("list-flags", FLAGS, "$t", "\\fe", Gets(6)),
        take_list("list-variant", VARIANT, "$t", BEYOND, Traps(DISCRIMINANT)),
        take_list("list-option", "", "(option u8)", BEYOND, Traps(DISCRIMINANT)),
    ]
}

fn results() -> Vec<Misuse> {
    let (give, give_at) = (Misuse::give, Misuse::give_at);
    vec![
        give("result-bool", "", "bool", "(i32.const 2)", Gets(1)),
        give("result-char", "", "char", "(i32.const 0xdfff)", Traps(CHAR)),
        give("result-enum", ENUM, "$t", "(i32.const 2)", Traps(DISCRIMINANT)),
        give("result-result", "", "(result)", "(i32.const -1)", Traps(DISCRIMINANT)),
        give("result-flags", FLAGS, "$t", "(i32.const 0xffff)", Gets(7)),
        give("result-u8", "", "u8", "(i32.const 0x12345687)", Gets(0x87)),
        give("result-s8", "", "s8", "(i32.const 0x12345687)", Gets(0xffff_ff87)),
        give("result-s16", "", "s16", "(i32.const 0x1234f687)", Gets(0xffff_f687)),
        give_at("result-option", "", "(option u32)", "(i32.const 64)", BEYOND, Traps(DISCRIMINANT)),
        give_at("result-variant", VARIANT, "$t", "(i32.const 64)", BEYOND, Traps(DISCRIMINANT)),
        give_at("result-unaligned", "", "(option u32)", "(i32.const 65)", "", Traps(UNALIGNED)),
        give_at(
            "result-outside",
            "",
            "(option u32)",
            "(i32.const 65536)",
            "",
            Traps("out of bounds memory access"),
        ),
        give_at(
            "result-across",
            "",
            "(tuple u64 u64)",
            "(i32.const 65528)",
            "",
            Traps("out of bounds memory access"),
        ),
        give_at(
            "result-string",
            "",
            "string",
            "(i32.const 64)",
            "\\00\\00\\01\\00\\01\\00\\00\\00",
            Traps(STRING),
        ),
        give_at(
            "result-list",
            "",
            "(list u8)",
            "(i32.const 64)",
            "\\ff\\ff\\00\\00\\02\\00\\00\\00",
            Traps(LIST),
        ),
        // The caller's address for the result.
        Misuse {
            caller: "(call $f (i32.const 511)) (i32.const 0)".to_owned(),
            ..give_at("into-unaligned", "", "(option u32)", "(i32.const 256)", "", Traps(UNALIGNED))
        },
        Misuse {
            caller: "(call $f (i32.const 65532)) (i32.const 0)".to_owned(),
            ..give_at("into-outside", "", "(tuple u64 u64)", "(i32.const 256)", "", Traps(UNALIGNED))
        },
    ]
}

fn strings() -> Vec<Misuse> {
    let text = Misuse::text;
    let across = |name, encoding, address: &str, length: &str, words| Misuse {
        caller: format!("(call $f (i32.const {address}) (i32.const {length}))"),
        ..text(name, encoding, "", "0", Traps(words))
    };
    vec![
        text("utf8-lone", "utf8", "\\80", "1", Traps(UTF8)),
        text("utf8-cut", "utf8", "a\\e2\\82", "3", Traps(UTF8)),
        text("utf8-overlong", "utf8", "\\c0\\80", "2", Traps(UTF8)),
        text("utf8-surrogate", "utf8", "\\ed\\a0\\80", "3", Traps(UTF8)),
        text("utf8-beyond", "utf8", "\\f4\\90\\80\\80", "4", Traps(UTF8)),
        text("utf8-late", "utf8", "a long text that ends in nonsense\\ff", "34", Traps(UTF8)),
        text("utf16-low", "utf16", "\\00\\dc", "1", Traps(UTF16)),
        text("utf16-high-at-end", "utf16", "a\\00\\00\\d8", "2", Traps(UTF16)),
        text("utf16-high-twice", "utf16", "\\00\\d8\\00\\d8", "2", Traps(UTF16)),
        text("compact-high", "latin1+utf16", "\\00\\d8", "0x80000001", Traps(UTF16)),
        text("compact-latin", "latin1+utf16", "\\ff\\80", "2", Gets(2)),
        text("compact-could-be-latin", "latin1+utf16", "a\\00\\e9\\00", "0x80000002", Gets(2)),
        across("utf8-outside", "utf8", "65535", "2", STRING),
        across("utf8-far", "utf8", "-1", "2", STRING),
        across("utf8-huge", "utf8", "8", "0x7fffffff", STRING),
        across("utf16-outside", "utf16", "65534", "2", STRING),
        across("utf16-unaligned", "utf16", "63", "1", UNALIGNED),
        across("compact-outside", "latin1+utf16", "65534", "0x80000002", STRING),
        across("compact-unaligned", "latin1+utf16", "65", "1", UNALIGNED),
        Misuse {
            caller: "(call $f (i32.const 65536) (i32.const 0))".to_owned(),
            ..text("empty-at-end", "utf8", "", "0", Gets(0))
        },
        text("into-outside-utf8", "utf8", "abc", "3", Traps(STRING)).with_realloc("(i32.const 65534)"),
        text("into-outside-utf16", "utf16", "a\\00", "1", Traps(STRING)).with_realloc("(i32.const 65536)"),
        text("into-unaligned-utf16", "utf16", "a\\00", "1", Traps(UNALIGNED)).with_realloc("(i32.const 257)"),
        text("into-unaligned-compact", "latin1+utf16", "a", "1", Traps(UNALIGNED))
            .with_realloc("(i32.const 257)"),
    ]
}

fn lists() -> Vec<Misuse> {
    let list = |name, element, address: &str, length: &str, expected| Misuse {
        callee: "(param i32 i32) (result i32) (local.get 1)".to_owned(),
        caller: format!("(call $f (i32.const {address}) (i32.const {length}))"),
        ..Misuse::take_list(name, "", element, "", expected)
    };
    // What `realloc` was asked for, as the number of the list's elements.
    let empty = "(i32.or (i32.or (local.get 0) (local.get 1)) (i32.or (i32.shl (local.get 2) (i32.const 8)) (local.get 3)))";
    let address = "(param i32 i32) (result i32) (local.get 0)".to_owned();
    vec![
        list("list-outside", "u8", "65535", "2", Traps(LIST)),
        list("list-far", "u8", "-1", "1", Traps(LIST)),
        list("list-huge", "u64", "8", "0x20000001", Traps(LIST)),
        list("list-size-wraps", "u32", "8", "0x40000001", Traps(LIST)),
        list("list-unaligned-u16", "u16", "65", "1", Traps(UNALIGNED)),
        list("list-unaligned-u64", "u64", "68", "1", Traps(UNALIGNED)),
        list("list-unaligned-string", "string", "66", "1", Traps(UNALIGNED)),
        list("list-empty-unaligned", "u64", "1", "0", Traps(UNALIGNED)),
        list("list-empty-at-end", "u64", "65536", "0", Gets(0)),
        list("list-into-outside", "u8", "64", "4", Traps(LIST)).with_realloc("(i32.const 65533)"),
        list("list-into-far", "u8", "64", "4", Traps(LIST)).with_realloc("(i32.const -2)"),
        list("list-into-unaligned", "u32", "64", "1", Traps(UNALIGNED)).with_realloc("(i32.const 258)"),
        list("list-into-edge", "u8", "64", "4", Gets(4)).with_realloc("(i32.const 65532)"),
        // Also for an empty list `realloc` is called, with the alignment of the elements and the size 0.
        Misuse { callee: address.clone(), ..list("list-empty-realloc", "u64", "64", "0", Gets(0x800)) }
            .with_realloc(empty),
        Misuse { callee: address.clone(), ..list("list-realloc", "u16", "64", "3", Gets(0x206)) }
            .with_realloc(empty),
        list("list-empty-into-outside", "u8", "64", "0", Traps(LIST)).with_realloc("(i32.const 65537)"),
        list("list-realloc-traps", "u8", "64", "1", Traps("unreachable")).with_realloc("unreachable"),
    ]
}

/// All files.
pub fn files() -> Vec<Made> {
    [values(), results(), strings(), lists()].iter().flatten().map(Misuse::file).collect()
}
