//! Where the bytes come from: `inspect --json`, `--html` and `--diff`. Sums equal the sizes of files, and hostile names do
//! nothing, neither in the text of the page nor in a browser.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use object::{Object as _, ObjectSymbol as _};
use serde_json::Value;
use wasm_aot::sizes;
use wasm_aot::targets::TARGETS;

use super::browser::Browser;
use super::{Bench, test};
use crate::harness::{Skipped, Test};

pub fn tests() -> Vec<Test> {
    let mut tests = vec![
        test("inspect/modules and components", modules),
        test("inspect/what a build leaves out", dead),
        test("inspect/what isn't known is said", unknown),
        test("inspect/sizes of functions are those of symbols", functions),
        test("inspect/shared libraries", shared),
        test("inspect/bundles", bundles),
        test("inspect/damaged executables", damaged),
        test("inspect/two executables", diff),
        test("inspect/outputs", outputs),
        test("inspect/hostile names in pages", hostile),
        test("inspect/pages in a browser", browser),
        test("inspect/pages on a phone", phone),
    ];
    for target in &TARGETS {
        let name = target.name;
        tests.push(test(&format!("inspect/sums of executables for {name}"), move |bench| sums(bench, name)));
    }
    tests
}

/// Has code with namespaces, a table, initial contents of memory far apart, imports that it calls, and a function that nothing
/// calls.
const MODULE: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (table 3 funcref)
  (elem (i32.const 0) $one $_ZN4base5Class6methodEi)
  (data (i32.const 0) "\10\00\00\00\06\00\00\00") (data (i32.const 16) "hello\n") (data (i32.const 100000) "far")
  (type $unary (func (param i32) (result i32)))
  (func $one (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $_ZN4base5Class6methodEi (type $unary) (i32.mul (local.get 0) (i32.const 3)))
  (func $"base::unused" (type $unary) (i32.const 7))
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (call_indirect (type $unary) (i32.const 7) (i32.load (i32.const 200000))))))"#;

/// The report about a file, which is checked: sums, and the file's size.
fn report(bench: &Bench<'_>, arguments: &[&str]) -> Result<Value> {
    let outcome = bench.aot(&[&["inspect", "--json"], arguments].concat())?;
    let report: Value = serde_json::from_str(&outcome.code(0)?.stdout)?;
    check(&report["sizes"])?;
    ensure!(
        report["bytes"] == report["sizes"]["bytes"],
        "{} and {}",
        report["bytes"],
        report["sizes"]["bytes"]
    );
    Ok(report)
}

/// Asserts that a node has as many bytes as its children have, and that these are in order.
fn check(node: &Value) -> Result<()> {
    let Some(children) = node["children"].as_array() else { return Ok(()) };
    let sizes: Vec<u64> = children.iter().filter_map(|child| child["bytes"].as_u64()).collect();
    ensure!(sizes.len() == children.len() && sizes.is_sorted_by(|one, other| one >= other), "{sizes:?}");
    ensure!(node["bytes"] == sizes.iter().sum::<u64>(), "{}: {} and {sizes:?}", node["name"], node["bytes"]);
    children.iter().try_for_each(check)
}

/// The node with these names, from below the root.
fn find<'r>(report: &'r Value, path: &[&str]) -> Result<&'r Value> {
    path.iter().try_fold(&report["sizes"], |node, name| {
        let children = node["children"].as_array().with_context(|| format!("{path:?}: nothing is in it"))?;
        let found = children.iter().find(|child| child["name"] == *name);
        found.with_context(|| format!("there is no {name} of {path:?} in {}", node["name"]))
    })
}

/// Builds for a target, in every form that executables have, and compares sums.
fn sums(bench: &Bench<'_>, target: &str) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let is_elf = target.ends_with("linux");
    for options in [&[][..], &["--strip"], &["--no-pie"], &["--trace"]] {
        if options == ["--no-pie"] && !is_elf {
            continue;
        }
        let build = ["build", "a.wat", "-o", "a", "-C", "no-inline", "--target", target];
        let arguments = [&build[..], options].concat();
        let outcome = bench.aot(&arguments)?;
        if outcome.stderr.contains("has no runtime for") {
            return Err(Skipped(outcome.stderr).into());
        }
        outcome.code(0)?;
        let report = report(bench, &["a"]).with_context(|| format!("{options:?}"))?;
        ensure!(report["bytes"] == std::fs::metadata(bench.path("a"))?.len(), "{}", report["bytes"]);
        ensure!(report["kind"] == "executable" && report["target"] == target, "{}", report["target"]);
        find(&report, &["code", "one"])?;
        find(&report, &["code", "base", "Class", "base::Class::method(int)"])?;
        find(&report, &["data", "memory 0", "3 bytes at 0x186a0"])
            .or_else(|_| find(&report, &["data", "memory 0"]))?;
        ensure!(find(&report, &["code", "base", "base::unused"]).is_err(), "it was left out");
        if options != ["--no-pie"] {
            let tables = find(&report, &["tables"])?["bytes"].as_u64();
            ensure!(tables >= Some(16), "{tables:?}");
        }
        ensure!(find(&report, &["runtime"])?["bytes"].as_u64() > Some(1000), "the runtime");
        // Each byte has one meaning at most.
        let padding = find(&report, &["padding"])?["bytes"].as_u64().unwrap_or_default();
        let most = if target.ends_with("macos") { 80_000 } else { 70_000 };
        ensure!(padding < most, "{padding} bytes of padding");
    }
    Ok(())
}

fn modules(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let module = report(bench, &["a.wat"])?;
    ensure!(module["kind"] == "module" && module["build"]["succeeds"] == true, "{}", module["build"]);
    ensure!(module["imports"][0]["name"] == "fd_write", "{}", module["imports"]);
    ensure!(module["imports"][0]["module"] == "wasi_snapshot_preview1", "{}", module["imports"]);
    ensure!(module["exports"][1]["name"] == "_start", "{}", module["exports"]);
    find(&module, &["data", "segment 2"])?;
    find(&module, &["tables", "element segments"])?;
    bench.write(
        "b.wat",
        r#"(component
          (core module $m (func (export "f") (result i32) (i32.const 0)) (func $"x::unused") (memory 1)
            (data (i32.const 0) "abc"))
          (component $inner (core module $n (func $within (nop))) (core instance (instantiate $n)))
          (core instance $i (instantiate $m))
          (instance (instantiate $inner))
          (func $run (result (result)) (canon lift (core func $i "f")))
          (instance $e (export "run" (func $run)))
          (export "wasi:cli/run@0.2.0" (instance $e))
          (@custom "mine" "xyz"))"#,
    )?;
    let component = report(bench, &["b.wat"])?;
    ensure!(
        component["kind"] == "component" && component["build"]["succeeds"] == true,
        "{}",
        component["build"]
    );
    let unused = find(&component, &["core module 0: m", "code", "x", "x::unused"])?;
    ensure!(unused["dead"] == true && unused["bytes"] == 3, "{unused}");
    find(&component, &["core module 1: n", "code", "within"])?;
    find(&component, &["metadata", "custom section `mine`"])?;
    Ok(())
}

fn dead(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let report = report(bench, &["a.wat"])?;
    let unused = find(&report, &["code", "base", "base::unused"])?;
    ensure!(unused["dead"] == true && unused["label"] == "unused" && unused["bytes"] == 5, "{unused}");
    ensure!(find(&report, &["code", "one"])?["dead"].is_null(), "it is called");
    ensure!(
        report["functions"]["dead"] == 1 && report["functions"]["dead_bytes"] == 5,
        "{}",
        report["functions"]
    );
    Ok(())
}

fn unknown(bench: &Bench<'_>) -> Result<()> {
    let is_said = |report: &Value, words: &str| report["unknown"].to_string().contains(words);
    bench.write("a.wat", r#"(module (func (export "_start") (call 1)) (func))"#)?;
    bench.aot(&["build", "a.wat", "-C", "no-inline"])?.code(0)?;
    let whole = report(bench, &["a"])?;
    ensure!(
        is_said(&whole, "A function has no name") && !is_said(&whole, "no symbols"),
        "{}",
        whole["unknown"]
    );
    ensure!(whole["imports"].is_array() && whole["features"].is_null(), "{}", whole["imports"]);
    bench.aot(&["build", "a.wat", "--strip"])?.code(0)?;
    let stripped = report(bench, &["a"])?;
    ensure!(
        is_said(&stripped, "It has no symbols") && stripped["imports"].is_null(),
        "{}",
        stripped["unknown"]
    );
    bench.aot(&["build", "a.wat", "--no-pie"])?.code(0)?;
    ensure!(is_said(&report(bench, &["a"])?, "tables are among the constants"), "--no-pie");
    bench.write("b.wat", r#"(module (import "a" "b" (func)) (func $f (export "_start")))"#)?;
    let module = report(bench, &["b.wat"])?;
    ensure!(is_said(&module, "it isn't known which functions it would leave out"), "{}", module["unknown"]);
    ensure!(module["build"]["error"].to_string().contains("function a.b"), "{}", module["build"]);
    // What isn't ours isn't known at all.
    std::fs::copy(std::env::current_exe()?, bench.path("other"))?;
    bench.aot(&["inspect", "--json", "other"])?.failed(&["wasn't made by wasm-aot"])?;
    Ok(())
}

fn functions(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["build", "a.wat", "-C", "no-inline"])?.code(0)?;
    let report = report(bench, &["a"])?;
    let bytes = std::fs::read(bench.path("a"))?;
    let file = object::File::parse(&*bytes)?;
    for name in ["wasm_aot_check_cpu", "wasm_aot_wasi_fd_write", "memcpy"] {
        let symbol = file.symbols().find(|symbol| symbol.name() == Ok(name)).context(name)?;
        let found = find(&report, &["runtime", name])?;
        ensure!(
            found["bytes"] == symbol.size() && found["function"] == true,
            "{found}, not {}",
            symbol.size()
        );
    }
    let imports: Vec<&str> = report["imports"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|import| import["name"].as_str())
        .collect();
    ensure!(imports == ["wasi_fd_write", "wasi_proc_exit"], "{imports:?}");
    Ok(())
}

fn shared(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        r#"(module (memory 1) (data (i32.const 0) "abc") (func (export "twice") (param i32) (result i32)
        (i32.add (local.get 0) (local.get 0))))"#,
    )?;
    bench.aot(&["build", "a.wat", "--emit", "cdylib"])?.code(0)?;
    let report = report(bench, &["liba.so"])?;
    find(&report, &["code", "twice"]).map(drop)
}

fn bundles(bench: &Bench<'_>) -> Result<()> {
    std::fs::create_dir_all(bench.path("tree/sub"))?;
    bench.write("tree/large", vec![b'x'; 10_000])?;
    bench.write("tree/sub/<small>", "abc")?;
    bench.write("a.wat", super::run::FILES)?;
    bench.aot(&["build", "a.wat", "--bundle", "tree::/guest"])?.code(0)?;
    let report = report(bench, &["a"])?;
    for (name, bytes) in [("large", 10_000), ("<small>", 3)] {
        let found = find(&report, &["bundled files", "/guest", name])?;
        ensure!(found["bytes"] == bytes, "{found}");
    }
    Ok(())
}

/// Damaged executables give errors or sums, and never panic.
fn damaged(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let (mut errors, mut sums) = (0, 0);
    for target in ["x86_64-linux", "x86_64-windows", "aarch64-macos"] {
        let outcome = bench.aot(&["build", "a.wat", "-o", "a", "--target", target])?;
        if outcome.code != 0 {
            continue;
        }
        let whole = std::fs::read(bench.path("a"))?;
        let mut try_it = |bytes: &[u8]| -> Result<()> {
            match sizes::executable("a", bytes) {
                Err(_) => errors += 1,
                Ok(found) => {
                    sums += 1;
                    ensure!(found.sizes.root.bytes == bytes.len() as u64, "{}", found.sizes.root.bytes);
                }
            }
            Ok(())
        };
        for at in (0..whole.len()).step_by(61) {
            let mut bytes = whole.clone();
            for value in [0, 0x7f, 0xff] {
                bytes[at] = value;
                try_it(&bytes)?;
            }
        }
        for length in (0..whole.len()).step_by(97) {
            try_it(&whole[..length])?;
        }
    }
    ensure!(errors > 100 && sums > 100, "{errors} errors, {sums} sums");
    Ok(())
}

fn diff(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        r#"(module (func $grows (nop)) (func $goes) (func $stays)
        (func (export "_start") (call $grows) (call $goes) (call $stays)))"#,
    )?;
    bench.write(
        "b.wat",
        r#"(module (memory 1) (func $grows (i32.store (i32.const 8) (i32.load (i32.const 16)))) (func $comes)
        (func $stays) (func (export "_start") (call $grows) (call $comes) (call $stays)))"#,
    )?;
    for name in ["a", "b"] {
        bench.aot(&["build", &format!("{name}.wat"), "-C", "no-inline"])?.code(0)?;
    }
    let report = report(bench, &["b", "--diff", "a"])?;
    let diff = &report["diff"];
    let size = |name| Ok::<u64, anyhow::Error>(std::fs::metadata(bench.path(name))?.len());
    ensure!(diff["name"] == "a" && diff["before"] == size("a")? && diff["after"] == size("b")?, "{diff}");
    let changes = diff["changes"].as_array().context("no changes")?;
    let change = |name: &str| changes.iter().find(|change| change["name"] == name);
    let grows = change("grows").context("grows")?;
    ensure!(grows["after"].as_u64() > grows["before"].as_u64() && grows["function"] == true, "{grows}");
    ensure!(change("comes").context("comes")?["before"] == 0, "comes");
    ensure!(change("goes").context("goes")?["after"] == 0, "goes");
    ensure!(change("stays").is_none(), "stays");
    let amounts: Vec<u64> = changes
        .iter()
        .map(|change| change["after"].as_u64().unwrap_or(0).abs_diff(change["before"].as_u64().unwrap_or(0)))
        .collect();
    ensure!(amounts.is_sorted_by(|one, other| one >= other), "{amounts:?}");
    let total = |side: &str| -> u64 {
        diff["kinds"].as_array().into_iter().flatten().filter_map(|kind| kind[side].as_u64()).sum()
    };
    ensure!(total("before") == size("a")? && total("after") == size("b")?, "{diff}");
    let text = bench.aot(&["inspect", "b", "--diff", "a"])?;
    text.code(0)?.stdout_has(&["a -> b: ", "comes (code, new)", "goes (code, gone)", "grows (code, "])?;
    bench.aot(&["inspect", "a", "--diff", "a"])?.code(0)?.stdout_has(&["changed: 0"])?;
    bench.aot(&["inspect", "a", "--diff", "a.wat"])?.failed(&["only one of them is an executable"])?;
    bench.aot(&["inspect", "a.wat", "--diff", "b.wat"])?.code(0)?.stdout_has(&["a.wat", "grows"])?;
    Ok(())
}

fn outputs(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["inspect", "--html", "a.wat"])?.code(0)?.stderr_has(&["a.wat.html: "])?;
    bench.aot(&["inspect", "--html", "a.wat", "-o", "page.html"])?.code(0)?;
    bench.aot(&["inspect", "--json", "a.wat", "-o", "a.json"])?.code(0)?;
    bench.has_only(&["a.json", "a.wat", "a.wat.html", "page.html"])?;
    let same = std::fs::read(bench.path("page.html"))? == std::fs::read(bench.path("a.wat.html"))?;
    ensure!(same, "the same input, another page");
    let written = bench.aot(&["inspect", "--html", "a.wat", "-o", "-"])?;
    ensure!(written.code(0)?.stdout.starts_with("<!doctype html>"), "{}", written.stdout);
    bench
        .aot(&["inspect", "--html", "a.wat", "-o", "a.wat"])?
        .failed(&["the same file as the input a.wat"])?;
    bench
        .aot(&["inspect", "--json", "a.wat", "--diff", "page.html", "-o", "page.html"])?
        .failed(&["page.html"])?;
    bench.aot(&["inspect", "a.wat", "-o", "x"])?.failed(&["-o x is for --html and --json"])?;
    bench.aot(&["inspect", "--json", "--html", "a.wat"])?.code(2)?;
    bench
        .shell("\"$AOT\" inspect --html - < a.wat")?
        .failed(&["no default output name for standard input"])?;
    bench.shell("\"$AOT\" inspect --json - < a.wat")?.code(0)?.stdout_has(&["\"standard input\""])?;
    bench.aot(&["inspect", "--json", "missing.wasm"])?.failed(&["missing.wasm"])?;
    bench.write("bad.wasm", "\0asm\x01\0\0\0\x01")?;
    bench.aot(&["inspect", "--json", "bad.wasm"])?.failed(&["bad.wasm"])?;
    Ok(())
}

/// Names that would end the script, begin another one, be read as a part of the template, or show something else than they are.
const HOSTILE: [&str; 5] = [
    "</script><script>document.title='OWNED'</script>",
    "<img src=x onerror=document.title='OWNED'>",
    "<!--<script>@data@",
    "a::b<c>::\u{202e}d\u{7f}",
    "&lt;b&gt;\"'`${document.title='OWNED'}",
];

fn write_hostile(bench: &Bench<'_>) -> Result<()> {
    // The text format refuses some of the characters.
    let quoted = HOSTILE.map(|name| name.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>());
    let functions = quoted.iter().map(|name| format!("(func $\"{name}\" (drop (i32.const 1)))"));
    let calls: String = (0..HOSTILE.len()).map(|index| format!("(call {index})")).collect();
    let exports =
        quoted.iter().enumerate().map(|(index, name)| format!("(export \"{name}\" (func {index}))"));
    let text = format!(
        "(module {} {} (func (export \"_start\") {calls}) (@custom \"{}\" \"\"))",
        functions.collect::<String>(),
        exports.collect::<String>(),
        quoted[0],
    );
    bench.write("a.wat", text)?;
    bench.aot(&["build", "a.wat", "-C", "no-inline"])?.code(0)?;
    Ok(())
}

fn hostile(bench: &Bench<'_>) -> Result<()> {
    write_hostile(bench)?;
    for name in ["a", "a.wat"] {
        bench.aot(&["inspect", "--html", name, "-o", "page.html"])?.code(0)?;
        let page = std::fs::read_to_string(bench.path("page.html"))?;
        ensure!(page.matches("</script>").count() == 2 && page.matches("<script").count() == 2, "{name}");
        ensure!(!page.contains("OWNED</") && !page.contains("<img") && !page.contains("<!--"), "{name}");
        ensure!(!page.contains(|c| wasm_aot::escape::is_hidden(c) && c != '\n'), "{name}");
        // Nothing is loaded.
        ensure!(!page.contains("http:") && !page.contains("https:"), "{name}");
        let data = page.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>"));
        let data: Value = serde_json::from_str(data.context("no data")?.0)?;
        ensure!(data == report(bench, &[name])?, "{name}: the page has something else than --json");
        find(&data, &["code", HOSTILE[0]])?;
        find(&data, &["code", "a", "b", "a::b<c>::\\u{202e}d\\x7f"])?;
    }
    Ok(())
}

/// A page in a browser, in which no script has failed.
fn open(bench: &Bench<'_>, page: &str, width: u32) -> Result<Browser> {
    let mut browser = Browser::start(bench.directory, width, 900)?;
    browser.open(&bench.path(page))?;
    browser.expect_no_complaint()?;
    Ok(browser)
}

/// The place of a cell, by the name of what it shows.
fn cell(name: &str) -> String {
    format!("cells.find((cell) => cell.node.name === {})", Value::from(name))
}

fn browser(bench: &Bench<'_>) -> Result<()> {
    const PATH: &str = "document.getElementById('path').textContent";
    write_hostile(bench)?;
    bench.aot(&["inspect", "--html", "a", "--diff", "a", "-o", "page.html"])?.code(0)?;
    let mut browser = open(bench, "page.html", 1280)?;
    browser.expect("document.title", "a - wasm-aot inspect")?;
    browser.expect("document.scripts.length + document.images.length", 2)?;
    for name in [HOSTILE[0], HOSTILE[1], HOSTILE[4]] {
        let row = format!(
            "[...document.querySelectorAll('td')].some((cell) => cell.textContent === {})",
            Value::from(name)
        );
        browser.expect(&row, true)?;
    }
    // Every byte is shown: what is too small for a cell of its own is in one with others.
    let shown = "(() => { const sum = (node) => node.children ? node.children.map(sum).reduce((a, b) => a + b, 0) : node.bytes; \
                 return sum(report.sizes) === report.bytes; })()";
    browser.expect(shown, true)?;
    browser.expect(PATH, Value::from(format!("a {} bytes", number(&bench.path("a"))?)))?;
    // Clicks open, and the path and the keyboard go back.
    browser.click(&cell("code"))?;
    browser.expect(&format!("{PATH}.startsWith('a / code ')"), true)?;
    browser.click("document.querySelector('#path button')")?;
    browser.expect(&format!("{PATH}.startsWith('a / ')"), false)?;
    browser.evaluate("cells[0].focus()")?;
    browser.press("ArrowRight")?;
    browser.expect("document.activeElement === cells[0]", false)?;
    browser.expect("document.activeElement.classList.contains('cell')", true)?;
    browser.evaluate(&format!("{}.focus()", cell("code")))?;
    browser.press("Enter")?;
    browser.expect(&format!("{PATH}.startsWith('a / code ')"), true)?;
    browser.press("Escape")?;
    browser.expect(&format!("{PATH}.startsWith('a / ')"), false)?;
    // Search: the field, what is found, what is highlighted, and the table.
    browser.press("/")?;
    browser.expect("document.activeElement.id", "search")?;
    browser.insert("<img")?;
    browser.expect("document.getElementById('found').textContent.startsWith('1 found, ')", true)?;
    browser.expect("document.querySelectorAll('#largest tbody tr').length", 1)?;
    browser.expect("[...document.querySelectorAll('.leaf.hit')].every((cell) => cell.node.name.startsWith('<img') || cell.node.isTogether)", true)?;
    browser.press("Escape")?;
    browser.expect("map.classList.contains('searching')", false)?;
    // The table is sorted by size, and by name if that is wanted.
    let names =
        "[...document.querySelectorAll('#largest tbody td:first-child')].map((cell) => cell.textContent)";
    browser.click("document.querySelector('#largest th button')")?;
    browser.expect(&format!("(() => {{ const names = {names}; return names.every((name, at) => at === 0 || names[at - 1] <= name); }})()"), true)?;
    browser.expect("document.querySelector('#diff').hidden", false)?;
    browser.expect_no_complaint()?;
    browser.expect("document.title", "a - wasm-aot inspect")
}

/// The size of a file, with commas.
fn number(path: &Path) -> Result<String> {
    let digits = std::fs::metadata(path)?.len().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    Ok(text)
}

fn phone(bench: &Bench<'_>) -> Result<()> {
    write_hostile(bench)?;
    bench.aot(&["inspect", "--html", "a", "-o", "page.html"])?.code(0)?;
    let mut browser = open(bench, "page.html", 400)?;
    browser.expect("innerWidth", 400)?;
    browser.expect("document.documentElement.scrollWidth <= innerWidth", true)?;
    browser.expect("cells.every((cell) => cell.offsetLeft + cell.offsetWidth <= map.clientWidth + 1)", true)
}
