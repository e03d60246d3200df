//! The benchmark's results as a picture: a line for each program, with a mark for each ratio, on a logarithmic scale.

use std::fmt::Write;

use super::builds::Engine;
use super::results::Results;

/// What a mark stands for, its shape and its colour.
const MARKS: [(&str, Shape, &str); 3] = [
    ("time / clang -O3", Shape::Circle, "#0b62a4"),
    ("instructions / clang -O3", Shape::Square, "#7a7a7a"),
    ("time / wasmtime", Shape::Diamond, "#d2691e"),
];

#[derive(Clone, Copy)]
enum Shape {
    Circle,
    Square,
    Diamond,
}

/// The ratios of a program, in the order of `MARKS`.
struct Line {
    name: String,
    ratios: [Option<f64>; 3],
    /// The least and the greatest of the first ratio under several layouts of the code.
    layouts: Option<(f64, f64)>,
}

// Pixels.
const LEFT: f64 = 190.0;
const WIDTH: f64 = 640.0;
const TOP: f64 = 80.0;
const STEP: f64 = 20.0;
/// Ratios beyond these are drawn at the border.
const SCALE: (f64, f64) = (0.25, 4.0);
const TICKS: [f64; 9] = [0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0];

/// The results as SVG.
pub fn draw(results: &Results) -> String {
    let lines = lines(results);
    let bottom = TOP + STEP * lines.len() as f64;
    let (width, height) = (LEFT + WIDTH + 20.0, bottom + 30.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"20\" font-size=\"14\">wasm-aot: less is better. {}</text>\n",
        escape(&results.machine)
    );
    for (number, (label, shape, colour)) in MARKS.into_iter().enumerate() {
        let x = LEFT + 200.0 * number as f64;
        mark(&mut out, shape, colour, x, 42.0);
        let _ = writeln!(out, "<text x=\"{}\" y=\"46\">{label}</text>", x + 10.0);
    }
    for tick in TICKS {
        let colour = if tick == 1.0 { "#000" } else { "#ddd" };
        let x = x(tick);
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{bottom}\" stroke=\"{colour}\"/>\n\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{tick}</text>",
            TOP - 10.0,
            bottom + 16.0
        );
    }
    for (number, line) in lines.iter().enumerate() {
        let y = TOP + STEP * number as f64;
        let name = escape(&line.name);
        let _ =
            writeln!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>", LEFT - 10.0, y + 4.0);
        if let Some((least, greatest)) = line.layouts {
            let (_, _, colour) = MARKS[0];
            let (from, to) = (x(least), x(greatest));
            let stroke = format!("stroke=\"{colour}\" stroke-width=\"3\" stroke-opacity=\"0.4\"");
            let _ = writeln!(out, "<line x1=\"{from:.1}\" x2=\"{to:.1}\" y1=\"{y}\" y2=\"{y}\" {stroke}/>");
        }
        for ((_, shape, colour), ratio) in MARKS.into_iter().zip(line.ratios) {
            if let Some(ratio) = ratio {
                mark(&mut out, shape, colour, x(ratio), y);
            }
        }
    }
    out.push_str("</svg>\n");
    out
}

fn lines(results: &Results) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for runs in &results.run {
        let layouts = results.layouts.iter().find(|layouts| layouts.name == runs.name);
        lines.push(Line {
            name: runs.name.clone(),
            ratios: [
                runs.ratio(Engine::WasmAot, Engine::Clang),
                results.instruction_ratio(&runs.name, Engine::Clang),
                runs.ratio(Engine::WasmAot, Engine::Wasmtime),
            ],
            layouts: layouts.and_then(|layouts| layouts.range(runs, Engine::Clang)),
        });
    }
    let mean = |name: &str| results.geometric_means.get(name).copied();
    lines.push(Line {
        name: "geometric mean".into(),
        ratios: [
            mean("run: wasm-aot / clang -O3"),
            mean("instructions: wasm-aot / clang -O3"),
            mean("run: wasm-aot / wasmtime"),
        ],
        layouts: None,
    });
    lines
}

/// Where a ratio is on the scale.
fn x(ratio: f64) -> f64 {
    let (least, greatest) = SCALE;
    let place = (ratio.clamp(least, greatest) / least).log2() / (greatest / least).log2();
    LEFT + WIDTH * place
}

fn mark(out: &mut String, shape: Shape, colour: &str, x: f64, y: f64) {
    let _ = match shape {
        Shape::Circle => writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y}\" r=\"4.5\" fill=\"{colour}\"/>"),
        Shape::Square => writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{}\" width=\"7\" height=\"7\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            x - 3.5,
            y - 3.5
        ),
        Shape::Diamond => writeln!(
            out,
            "<path d=\"M{x:.1} {} l5 5 l-5 5 l-5 -5 z\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            y - 5.0
        ),
    };
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::measure::Sample;
    use crate::bench::results::{Instructions, Layouts, Runs};

    #[test]
    fn every_program_has_its_marks() {
        let samples = |wall| vec![Sample { wall, cpu: wall, peak_kib: 1 }];
        let engines = [(Engine::WasmAot, samples(2.0)), (Engine::Clang, samples(1.0))];
        let mut results = Results {
            machine: "a < b".into(),
            run: vec![Runs::new("one".into(), engines.into())],
            instructions: vec![Instructions {
                name: "one".into(),
                counts: [(Engine::WasmAot, 3), (Engine::Clang, 2)].into(),
            }],
            layouts: vec![Layouts { name: "one".into(), wall: vec![0.9, 1.2] }],
            ..Results::default()
        };
        results.summarise();
        let picture = draw(&results);
        // One of each in the legend, and for the program and the mean.
        assert_eq!(picture.matches("<circle").count(), 3);
        assert_eq!(picture.matches("<rect").count(), 1 + 3);
        assert_eq!(picture.matches("<path").count(), 1);
        assert!(picture.contains("a &lt; b") && picture.contains("stroke-width=\"3\""));
        assert_eq!(x(0.25), LEFT);
        assert_eq!(x(9.0), LEFT + WIDTH);
        assert_eq!(x(1.0), LEFT + WIDTH / 2.0);
    }
}
