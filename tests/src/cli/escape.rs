//! Names from untrusted files have no effect on a terminal, and begin no line of their own: in errors,
//! listings, `inspect`, policies, symbol tables and backtraces.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, ensure};

use super::run::FILES;
use super::{Bench, Outcome, test};
use crate::harness::Test;

pub fn tests() -> Vec<Test> {
    vec![
        test("escape/inspect", inspect),
        test("escape/errors of modules", module_errors),
        test("escape/errors of the text format", text_errors),
        test("escape/backtraces, listings and symbols", function_names),
        test("escape/the policy that inspect prints", printed_policy),
        test("escape/errors of policies", policy_errors),
        test("escape/file names", file_names),
        test("escape/the command line", command_line),
        test("escape/words of a linker", linker),
    ]
}

/// A name in the text format, and as it must be shown. Unescaped it would clear the screen, reverse text, and begin a
/// line that says `FORGED`.
const HOSTILE: &str = r"a\1b[2J\07\c2\9b1m\e2\80\ae\nFORGED\00\\n";
const SEEN: &str = r"a\x1b[2J\x07\u{9b}1m\u{202e}\nFORGED\x00\\n";

/// The same for consumers that accept no NUL and no backslash.
const TEXT: &str = "a\x1b[2J\x07\u{9b}1m\u{202e}\nFORGED";
const TEXT_SEEN: &str = r"a\x1b[2J\x07\u{9b}1m\u{202e}\nFORGED";

/// Whether what was printed is safe to show.
fn clean(outcome: &Outcome) -> Result<()> {
    for text in [&outcome.stdout, &outcome.stderr] {
        ensure!(!text.contains(|c| wasm_aot::escape::is_hidden(c) && c != '\n'), "{text:?}");
        ensure!(!text.lines().any(|line| line.trim_start().starts_with("FORGED")), "{text}");
    }
    Ok(())
}

fn inspect(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        format!(r#"(module (import "{HOSTILE}" "{HOSTILE}" (func)) (memory (export "{HOSTILE}") 1))"#),
    )?;
    let outcome = bench.aot(&["inspect", "a.wat"])?;
    clean(&outcome)?;
    outcome.code(0)?.stdout_has(&[
        &format!("\n  {SEEN}.{SEEN}: function () -> ()\n"),
        &format!("\n  {SEEN}: memory of 1.. pages\n"),
        &format!("would fail: nothing provides these imports:\n  function {SEEN}.{SEEN}\n"),
    ])?;
    Ok(())
}

fn module_errors(bench: &Bench<'_>) -> Result<()> {
    let wasi = r#"(import "wasi_snapshot_preview1""#;
    for (module, seen) in [
        (format!(r#"(module (import "{HOSTILE}" "b" (func)))"#), format!("function {SEEN}.b\n")),
        (format!(r#"(module {wasi} "{HOSTILE}" (func)))"#), format!("wasi_snapshot_preview1.{SEEN}\n")),
        (
            format!(r#"(module (memory (export "{HOSTILE}") 1) (memory (export "{HOSTILE}") 1))"#),
            format!("`{SEEN}`"),
        ),
        (format!(r#"(module (func $"{HOSTILE}" (result i32)))"#), format!("in function 0 ({SEEN})")),
    ] {
        bench.write("a.wat", module)?;
        for command in [&["build", "a.wat", "-o", "out"][..], &["run", "a.wat"]] {
            let outcome = bench.aot(command)?;
            clean(&outcome)?;
            outcome.failed(&[&seen])?;
        }
        let outcome = bench.aot(&["inspect", "a.wat"])?;
        clean(&outcome)?;
        outcome.code(0)?.stdout_has(&["would fail"])?;
    }
    Ok(())
}

fn text_errors(bench: &Bench<'_>) -> Result<()> {
    for module in [
        format!(r#"(module (func (call $"{HOSTILE}")))"#),
        "(module \x1b[2J)".to_owned(),
        "(module (func) \u{202e} (fnc))".to_owned(),
        "(module (func (fnc)))\rFORGED".to_owned(),
        format!("(module (data \"{}\x7f\") (fnc))", "\\1b"),
    ] {
        bench.write("a.wat", &module)?;
        let outcome = bench.aot(&["build", "a.wat"])?;
        clean(&outcome).with_context(|| format!("{module:?}"))?;
        outcome.failed(&["a.wat:1:"])?;
    }
    Ok(())
}

fn function_names(bench: &Bench<'_>) -> Result<()> {
    bench.write(
        "a.wat",
        format!(
            r#"(module (import "{HOSTILE}" "x" (func $import))
              (func $"{HOSTILE}" (export "inner") (call $import))
              (func (export "e{HOSTILE}") (call $"{HOSTILE}"))
              (func (export "_start") (call 2)))"#
        ),
    )?;
    let build = ["build", "a.wat", "--trap-unknown-imports"];
    bench.aot(&build)?.code(0)?;
    let outcome = bench.start("a", &[])?;
    clean(&outcome)?;
    outcome.code(134)?.stderr_has(&[
        &format!(": {SEEN}.x\n"),
        &format!(": {SEEN}\n"),
        &format!(": e{SEEN}\n"),
    ])?;
    for emit in ["asm", "clif"] {
        let outcome = bench.aot(&[&build[..], &["--emit", emit, "-o", "-"]].concat())?;
        clean(&Outcome { stdout: outcome.stdout.replace('\t', " "), ..outcome })?;
    }
    bench.aot(&[&build[..], &["--emit", "obj"]].concat())?.code(0)?;
    for file in ["a", "a.o"] {
        let bytes = std::fs::read(bench.path(file))?;
        ensure!(!bytes.windows(4).any(|part| part == b"\x1b[2J"), "the name is in {file} as it is");
        ensure!(bytes.windows(SEEN.len()).any(|part| part == SEEN.as_bytes()), "it isn't in {file}");
    }
    Ok(())
}

/// What is printed is one line each, and the same policy again.
fn printed_policy(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", FILES)?;
    std::fs::create_dir(bench.path("d"))?;
    bench.write("d/file", "contents\n")?;
    let env = format!("{TEXT}={TEXT}");
    let dir = format!("d\x1b\n::{TEXT}");
    let grants = ["--dir", &dir, "--env", &env, "--arg0", TEXT];
    let build = ["build", "a.wat", "--bundle"];
    let bundle = format!("d::{TEXT}\nallow-override = false");
    bench.aot(&[&build[..], &[&bundle], &grants].concat())?.code(0)?;
    let inspected = bench.aot(&["inspect", "a"])?;
    clean(&inspected)?;
    inspected.code(0)?.stdout_has(&[
        &format!("\n# bundle {TEXT_SEEN}\\nallow-override = false: 1 files, 9 bytes\n"),
        "allow-override = true\n",
    ])?;
    ensure!(!inspected.stdout.contains("\nallow-override = false"), "{}", inspected.stdout);
    bench.write("policy.toml", &inspected.stdout)?;
    bench.aot(&["build", "a.wat", "-o", "first", "--policy", "policy.toml"])?.code(0)?;
    bench.aot(&[&["build", "a.wat", "-o", "second"], &grants[..]].concat())?.code(0)?;
    let bytes = |name| std::fs::read(bench.path(name));
    ensure!(bytes("first")? == bytes("second")?, "another policy");
    Ok(())
}

fn policy_errors(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", "(module)")?;
    let toml = r"a\u001b[2J\nFORGED";
    for text in [
        format!("\"{toml}\" = 1"),
        format!("[limits]\n\"{toml}\" = 1"),
        format!("[[dirs]]\nhost = \"{toml}\"\nguests = 1"),
        format!("listeners = [\"{toml}\"]"),
        format!("[env]\n\"=\\n{toml}\" = \"\""),
        format!("bundles = [{{ host = \"{toml}\", guest = \"x\" }}]"),
        format!("dirs = [{{ host = \"a\", guest = \"{toml}\" }}, {{ host = \"b\", guest = \"{toml}\" }}]"),
        "arg0 = \"\x1b[2J".to_owned(),
    ] {
        bench.write("policy.toml", &text)?;
        let outcome = bench.aot(&["build", "a.wat", "--policy", "policy.toml"])?;
        clean(&outcome).with_context(|| text.clone())?;
        outcome.failed(&["in the policy policy.toml"])?;
    }
    for flags in [
        ["--dir", &format!("::{TEXT}")],
        ["--env", &format!("={TEXT}")],
        ["--tcplisten", TEXT],
        ["--bundle", TEXT],
        ["--bundle", &format!("{TEXT}::x")],
        ["--features", TEXT],
        ["--target", TEXT],
        ["--cpu", TEXT],
        ["--linker", TEXT],
    ] {
        let outcome = bench.aot(&[&["build", "a.wat"][..], &flags].concat())?;
        clean(&outcome).with_context(|| flags[0].to_owned())?;
        outcome.failed(&[r"a\x1b[2J"])?;
    }
    Ok(())
}

fn file_names(bench: &Bench<'_>) -> Result<()> {
    let (wat, broken) = (format!("{TEXT}.wat"), format!("{TEXT}-broken.wat"));
    bench.write(&wat, "(module)")?;
    bench.write(&broken, "(mod)")?;
    std::fs::create_dir_all(bench.path(&format!("d/{TEXT}")))?;
    std::os::unix::net::UnixListener::bind(bench.path("d/socket"))?;
    for (command, code) in [
        (&["build", &wat][..], 0),
        (&["build", &wat, "--emit", "asm"], 0),
        (&["inspect", &wat], 0),
        (&["inspect", TEXT], 0),
        (&["build", &broken], 1),
        (&["run", &broken], 1),
        (&["build", &wat, "-o", &wat], 1),
        (&["build", &wat, "-o", &format!("d/{TEXT}")], 1),
        (&["build", &wat, "-o", &format!("{TEXT}/{TEXT}")], 1),
        (&["build", &format!("no{TEXT}")], 1),
        (&["build", &wat, "--policy", &broken], 1),
        (&["build", &wat, "--bundle", &format!("{wat}::x")], 1),
        (&["build", &wat, "--bundle", "d::x"], 1),
        (&["manual", &format!("{wat}/{TEXT}")], 1),
    ] {
        let outcome = bench.aot(command)?;
        let shown = format!("{command:?}: {}{}", outcome.stdout, outcome.stderr);
        clean(&outcome).with_context(|| shown.clone())?;
        outcome.code(code).with_context(|| shown.clone())?;
        let quotes = command.last() != Some(&"d::x");
        ensure!(!quotes || shown.contains(r"a\x1b[2J"), "{shown}");
    }
    Ok(())
}

fn command_line(bench: &Bench<'_>) -> Result<()> {
    let option = format!("--{TEXT}");
    for command in [
        &[TEXT][..],
        &["build", "a.wat", TEXT],
        &["build", "a.wat", &option],
        &["build", "a.wat", "--emit", TEXT],
        &["build", "a.wat", "--max-memory", TEXT],
        &["completions", TEXT],
        &["--", TEXT],
    ] {
        let outcome = bench.aot(command)?;
        clean(&outcome).with_context(|| format!("{command:?}"))?;
        outcome.code(2)?.stderr_has(&["error: ", r"a\x1b[2J"])?;
    }
    Ok(())
}

fn linker(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", "(module)")?;
    let linker = bench.write("linker", "#!/bin/sh\nprintf 'bad: \\033[2J\\a\\n' >&2\nexit 1\n")?;
    std::fs::set_permissions(linker, std::fs::Permissions::from_mode(0o755))?;
    let outcome = bench.aot(&["build", "a.wat", "--linker", "./linker"])?;
    clean(&outcome)?;
    outcome.failed(&[r"bad: \x1b[2J\x07"])?;
    Ok(())
}
