//! The benchmark's results as human-readable tables.

use std::fmt::Write;

use super::builds::Engine;
use super::results::{Compilation, Pauses, Results, Runs};

/// Lays out rows in columns: the first is left-aligned, the others right-aligned.
pub fn layout(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let _ = if column == 0 {
                write!(line, "{cell:w$}", w = widths[0])
            } else {
                write!(line, "  {cell:>w$}", w = widths[column])
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

pub fn header(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| cell.to_string()).collect()
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.filter(|value| value.is_finite()).map_or("-".into(), |value| format!("{value:.digits$}"))
}

fn wall(runs: &Runs, engine: Engine, scale: f64, digits: usize) -> String {
    number(runs.medians.get(&engine).map(|medians| medians.wall * scale), digits)
}

fn peak(runs: &Runs, engine: Engine) -> String {
    number(runs.medians.get(&engine).map(|medians| medians.peak_kib / 1024.0), 1)
}

fn start_up(rows: &[Runs]) -> String {
    let mut cells = vec![header(&[
        "start to exit, ms",
        "wasm-aot",
        "wasmtime",
        "static clang",
        "/ wasmtime",
        "/ clang",
        "MiB",
        "wasmtime",
        "clang",
    ])];
    for runs in rows {
        cells.push(vec![
            runs.name.clone(),
            wall(runs, Engine::WasmAot, 1e3, 3),
            wall(runs, Engine::Wasmtime, 1e3, 3),
            wall(runs, Engine::Clang, 1e3, 3),
            number(runs.ratio(Engine::WasmAot, Engine::Wasmtime), 3),
            number(runs.ratio(Engine::WasmAot, Engine::Clang), 3),
            peak(runs, Engine::WasmAot),
            peak(runs, Engine::Wasmtime),
            peak(runs, Engine::Clang),
        ]);
    }
    layout(&cells)
}

fn compile(rows: &[Compilation], threads: usize) -> String {
    let mut cells = vec![vec![
        format!("compile, s, {threads} threads"),
        "wasm-aot".into(),
        "wasmtime".into(),
        "ratio".into(),
        "CPU".into(),
        "wasmtime".into(),
        "MiB".into(),
        "wasmtime".into(),
        ".wasm KB".into(),
        "exe KB".into(),
        "stripped".into(),
        ".cwasm KB".into(),
    ]];
    let kb = |size: Option<u64>| number(size.map(|size| size as f64 / 1000.0), 1);
    for row in rows {
        let runs = &row.runs;
        let cpu = |engine| number(runs.medians.get(&engine).map(|medians| medians.cpu), 2);
        cells.push(vec![
            runs.name.clone(),
            wall(runs, Engine::WasmAot, 1.0, 3),
            wall(runs, Engine::Wasmtime, 1.0, 3),
            number(runs.ratio(Engine::WasmAot, Engine::Wasmtime), 2),
            cpu(Engine::WasmAot),
            cpu(Engine::Wasmtime),
            peak(runs, Engine::WasmAot),
            peak(runs, Engine::Wasmtime),
            kb(Some(row.module_size)),
            kb(row.sizes.get(&Engine::WasmAot).copied()),
            kb(row.stripped),
            kb(row.sizes.get(&Engine::Wasmtime).copied()),
        ]);
    }
    layout(&cells)
}

fn run(results: &Results) -> String {
    let mut cells = vec![header(&[
        "run, s",
        "wasm-aot",
        "wasmtime",
        "clang -O3",
        "gcc -O2",
        "/ wasmtime",
        "/ clang",
        "layouts",
        "wasmtime/clang",
        "MiB",
        "wasmtime",
        "clang",
    ])];
    for runs in &results.run {
        let layouts = results.layouts.iter().find(|layouts| layouts.name == runs.name);
        let range = layouts.and_then(|layouts| layouts.range(runs, Engine::Clang));
        cells.push(vec![
            runs.name.clone(),
            wall(runs, Engine::WasmAot, 1.0, 3),
            wall(runs, Engine::Wasmtime, 1.0, 3),
            wall(runs, Engine::Clang, 1.0, 3),
            wall(runs, Engine::Gcc, 1.0, 3),
            number(runs.ratio(Engine::WasmAot, Engine::Wasmtime), 3),
            number(runs.ratio(Engine::WasmAot, Engine::Clang), 3),
            range.map_or("-".into(), |(least, greatest)| format!("{least:.2} to {greatest:.2}")),
            number(runs.ratio(Engine::Wasmtime, Engine::Clang), 3),
            peak(runs, Engine::WasmAot),
            peak(runs, Engine::Wasmtime),
            peak(runs, Engine::Clang),
        ]);
    }
    layout(&cells)
}

fn instructions(results: &Results) -> String {
    let mut cells = vec![header(&["instructions, millions", "wasm-aot", "clang -O3", "gcc -O2", "/ clang"])];
    for row in &results.instructions {
        let millions = |engine| number(row.counts.get(&engine).map(|count| *count as f64 / 1e6), 1);
        cells.push(vec![
            row.name.clone(),
            millions(Engine::WasmAot),
            millions(Engine::Clang),
            millions(Engine::Gcc),
            number(results.instruction_ratio(&row.name, Engine::Clang), 3),
        ]);
    }
    layout(&cells)
}

/// Beside native builds of the same interpreter.
fn interpreters(results: &Results) -> String {
    let mut cells = vec![header(&[
        "interpreter",
        "wasm-aot, s",
        "native, s",
        "/ native",
        "instructions /",
        "native build",
    ])];
    for (name, version) in &results.interpreters {
        let Some(runs) = results.run.iter().find(|runs| runs.name == *name) else { continue };
        cells.push(vec![
            name.clone(),
            wall(runs, Engine::WasmAot, 1.0, 3),
            wall(runs, Engine::Native, 1.0, 3),
            number(runs.ratio(Engine::WasmAot, Engine::Native), 3),
            number(results.instruction_ratio(name, Engine::Native), 3),
            version.clone(),
        ]);
    }
    layout(&cells)
}

fn pauses(rows: &[Pauses]) -> String {
    let mut cells = vec![header(&["collections", "new objects", "all", "mean, ms", "longest, ms"])];
    for row in rows {
        cells.push(vec![
            row.name.clone(),
            row.new.to_string(),
            row.all.to_string(),
            number(Some(row.mean / 1e3), 2),
            number(Some(row.longest / 1e3), 2),
        ]);
    }
    layout(&cells)
}

/// All tables, with the geometric means and the problems at the end.
pub fn show(results: &Results) -> String {
    let mut out = format!("{}\n", results.machine);
    for (empty, text) in [
        (results.start_up.is_empty(), start_up(&results.start_up)),
        (results.compile.is_empty(), compile(&results.compile, results.threads)),
        (results.run.is_empty(), run(results)),
        (results.instructions.is_empty(), instructions(results)),
        (results.interpreters.is_empty(), interpreters(results)),
        (results.pauses.is_empty(), pauses(&results.pauses)),
    ] {
        if !empty {
            let _ = write!(out, "\n{text}");
        }
    }
    if !results.geometric_means.is_empty() {
        out.push_str("\ngeometric means\n");
        for (name, value) in &results.geometric_means {
            let _ = writeln!(out, "  {name}: {value:.3}");
        }
    }
    for (runs, layouts) in results.run.iter().flat_map(|runs| {
        results.layouts.iter().filter(|layouts| layouts.name == runs.name).map(move |layouts| (runs, layouts))
    }) {
        for engine in [Engine::Wasmtime, Engine::Clang].into_iter().filter(|to| layouts.decides(runs, *to)) {
            let _ =
                writeln!(out, "\nundecided: {} / {}: where the code is decides", runs.name, engine.name());
        }
    }
    for skipped in &results.skipped {
        let _ = writeln!(out, "\nskipped: {skipped}");
    }
    for problem in &results.problems {
        let _ = writeln!(out, "\nPROBLEM: {problem}");
    }
    out
}
