//! What the command line prints besides errors: summaries, warnings, help, colours, progress; and levels of
//! `-O`.

use anyhow::{Context as _, Result, ensure};

use super::build::{check_sample, many_functions};
use super::invalid::MODULE;
use super::{Bench, Outcome, find_on_path, test};
use crate::harness::{Skipped, Test};

pub fn tests() -> Vec<Test> {
    vec![
        test("messages/each kind of output is named", emit),
        test("messages/colours on a terminal", colours),
        test("messages/progress on a terminal", progress),
        test("messages/standard error that can't be written", no_stderr),
        test("messages/--help", help),
        test("messages/-g", debug_information),
        test("build/-O", levels),
        test("policy/two grants of one name", same_name),
    ]
}

fn emit(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for (emit, output, words) in [
        ("exe", "a", &["a: ", " functions, ", " of code, ", " in all, "][..]),
        (
            "obj",
            "a.o",
            &["a.o: object of a library for ", " functions, ", " of code, ", " in all, ", "; a.h"],
        ),
        ("staticlib", "liba.a", &["liba.a: static library for ", " functions, ", " in all, ", "; a.h"]),
        ("cdylib", "liba.so", &["liba.so: shared library for ", " functions, ", " in all, ", "; a.h"]),
        ("header", "a.h", &["a.h: C header for "]),
        ("rust", "a.rs", &["a.rs: Rust module for "]),
        ("asm", "a.s", &["a.s: assembly for ", " functions, "]),
        ("clif", "a.clif", &["a.clif: CLIF for ", " functions, "]),
    ] {
        let outcome = bench.aot(&["build", "a.wat", "--emit", emit])?;
        outcome.code(0)?.stderr_has(words).context(emit)?;
        let size = bench.path(output).metadata()?.len();
        ensure!(outcome.stderr.contains(&size.to_string()) || size >= 10_240, "{emit}: {}", outcome.stderr);
        ensure!(!outcome.stderr.contains(": 0 functions") && outcome.stderr.lines().count() == 1);
        let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-o", "-"])?;
        outcome.code(0)?.stderr_has(&["standard output: "])?;
        let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-q"])?;
        ensure!(outcome.code == 0 && outcome.stderr.is_empty(), "{}", outcome.stderr);
    }
    Ok(())
}

/// Runs shell code on a terminal; returns what it shows.
fn on_terminal(bench: &Bench<'_>, script: &str) -> Result<Outcome> {
    if find_on_path("script").is_none() {
        return Err(Skipped("script is not installed".to_owned()).into());
    }
    bench.write("on-terminal", format!("#!/bin/sh\n{script}\n"))?;
    // With CI set there are colours on dumb terminals, too.
    bench.shell("export TERM=xterm; unset NO_COLOR CI; script -qefc 'sh ./on-terminal' /dev/null < /dev/null")
}

fn colours(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    // Ours and clap's are the same.
    for command in ["build missing.wat", "build"] {
        let outcome = on_terminal(bench, &format!("$AOT {command}"))?;
        outcome.stdout_has(&["\x1b[1m\x1b[31merror:\x1b[0m "]).context(command)?;
        for environment in ["NO_COLOR=1", "TERM=dumb"] {
            let outcome = on_terminal(bench, &format!("{environment} $AOT {command}"))?;
            outcome.stdout_has(&["error: "])?;
            ensure!(!outcome.stdout.contains('\x1b'), "{environment}: {:?}", outcome.stdout);
        }
        let outcome = bench.shell(&format!("$AOT {command}"))?;
        ensure!(outcome.stderr.starts_with("error: "), "no terminal: {:?}", outcome.stderr);
    }
    on_terminal(bench, "$AOT build -g a.wat")?.stdout_has(&["\x1b[1m\x1b[33mwarning:\x1b[0m "])?;
    Ok(())
}

/// `run` shows it, too, but not when there is nothing to build.
fn progress(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", many_functions(3000))?;
    for command in ["build a.wat -O0 -o out", "run -O0 a.wat"] {
        let outcome = on_terminal(bench, &format!("$AOT {command}"))?;
        outcome.stdout_has(&["compiling ["]).context(command)?;
        let first = outcome.stdout.split("compiling [").nth(1).unwrap_or_default();
        ensure!(!first.contains("left"), "an estimate at once: {first:?}");
    }
    for command in ["build -q a.wat -O0 -o out", "run -O0 a.wat"] {
        let outcome = on_terminal(bench, &format!("$AOT {command}"))?;
        ensure!(!outcome.stdout.contains("compiling"), "{command}: {}", outcome.stdout);
    }
    let outcome = bench.shell("$AOT build a.wat -O0 -o out")?;
    ensure!(!outcome.stderr.contains("compiling"), "no terminal: {}", outcome.stderr);
    Ok(())
}

fn no_stderr(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for (command, code) in
        [("build a.wat", 0), ("build a.wat --timings", 0), ("build b.wat", 1), ("build", 2)]
    {
        for to in ["2> /dev/full", "2>&-"] {
            bench.shell(&format!("$AOT {command} {to}"))?.code(code).context(command)?;
        }
    }
    Ok(())
}

fn help(bench: &Bench<'_>) -> Result<()> {
    for (command, words) in [
        (
            &["--help"][..],
            &["Examples:\n", "wasm-aot build app.wasm", "Exit codes: 0", "Environment:\n", "NO_COLOR"][..],
        ),
        (&["build", "--help"], &["Examples:\n", "Exit codes: 0", "WASM_AOT_DIRS", "WASM_AOT_ENV", "134"]),
        (&["run", "--help"], &["Examples:\n", "Exit codes: ", "XDG_CACHE_HOME", "WASM_AOT_TRACE", "134"]),
        (&["inspect", "--help"], &["Examples:\n", "Exit codes: 0"]),
    ] {
        bench.aot(command)?.code(0)?.stdout_has(words).with_context(|| command.join(" "))?;
    }
    Ok(())
}

fn debug_information(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench
        .aot(&["build", "-g", "a.wat", "-o", "debug"])?
        .code(0)?
        .stderr_has(&["warning: -g: the module has no debug information"])?;
    let quiet = bench.aot(&["build", "-g", "-q", "a.wat"])?;
    ensure!(quiet.code == 0 && quiet.stderr.is_empty(), "{}", quiet.stderr);
    ensure!(std::fs::read(bench.path("a"))? == std::fs::read(bench.path("debug"))?, "-g changes something");
    bench.aot(&["run", "-g", "a.wat"])?.code(7)?.stderr_has(&["warning: -g"])?;
    Ok(())
}

fn levels(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    let build = |flags: &[&str]| {
        bench.aot(&[&["build", "a.wat", "--emit", "obj", "-o", "a.o"], flags].concat())?.code(0)?;
        let object = std::fs::read(bench.path("a.o"))?;
        bench.aot(&[&["build", "a.wat"], flags].concat())?.code(0)?;
        check_sample(&bench.start("a", &[])?).with_context(|| flags.join(" "))?;
        anyhow::Ok(object)
    };
    let default = build(&[])?;
    let [none, quick, all] = [build(&["-O0"])?, build(&["-O1"])?, build(&["-O2"])?];
    ensure!(none != quick && quick != all && none != all, "two levels are the same");
    ensure!(default == all, "-O2 isn't the default");
    // As documented.
    let smallest = if cfg!(target_arch = "x86_64") { &quick } else { &all };
    for (flags, same) in
        [(&["-O3"][..], &all), (&["-O", "3"], &all), (&["-Os"], smallest), (&["-O", "s"], smallest)]
    {
        ensure!(build(flags)? == *same, "{flags:?} isn't what it is said to be");
    }
    Ok(())
}

fn same_name(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for directory in ["x", "y"] {
        std::fs::create_dir(bench.path(directory))?;
    }
    let build = |flags: &[&str]| bench.aot(&[&["build", "a.wat", "-o", "out"], flags].concat());
    for flag in ["--dir", "--bundle"] {
        let both = format!("{flag} x::/g and {flag} y::/g have the same guest name, `/g`");
        build(&[flag, "x::/g", flag, "x::/h", flag, "y::/g"])?.failed(&[&both])?;
    }
    build(&["--dir", "x", "--dir", "y::x:ro"])?.failed(&["--dir x and --dir y::x:ro", "`x`"])?;
    ensure!(!bench.path("out").exists(), "it was built");
    // A directory over a bundle, other names, and a flag that replaces the file's entry still work.
    build(&["--dir", "x::/g", "--bundle", "y::/g", "--dir", "y::/h"])?.code(0)?;
    bench.write("policy.toml", "dirs = [{ host = \"x\", guest = \"/g\" }]")?;
    build(&["--policy", "policy.toml", "--dir", "y::/g"])?.code(0)?;
    bench.aot(&["inspect", "out"])?.stdout_has(&["dirs = [\n    { host = \"y\", guest = \"/g\" },\n]"])?;
    for (key, name) in [("dirs", "/g"), ("bundles", "/g")] {
        let text =
            format!("{key} = [{{ host = \"x\", guest = \"/g\" }}, {{ host = \"y\", guest = \"/g\" }}]");
        bench.write("policy.toml", text)?;
        build(&["--policy", "policy.toml"])?.failed(&["policy.toml", &format!("two of `{key}`"), name])?;
    }
    Ok(())
}
