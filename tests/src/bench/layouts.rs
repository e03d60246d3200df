//! Whether a comparison depends on where the code is. The same code takes longer when a loop begins at the end of a cache
//! line: by up to a quarter in an interpreter. So whatever moves code, such as a change in another function, can
//! seem to be an improvement. Our programs are built with their code moved, too: a comparison that comes out the other way then
//! says nothing.

use anyhow::Result;

use super::builds::Builder;
use super::measure::{Launcher, median};
use super::program::Program;
use super::results::Layouts;

/// By how many bytes code is moved. A line has 64.
pub const OFFSETS: [u32; 3] = [16, 32, 48];

/// Measures a program under each layout in turn, `rounds` times over.
///
/// # Errors
/// If a program can't be built, or fails.
pub fn measure(builder: &Builder, launcher: &Launcher, program: &Program, rounds: u32) -> Result<Layouts> {
    let built: Vec<_> =
        OFFSETS.iter().map(|offset| builder.shifted(program, *offset)).collect::<Result<_>>()?;
    let mut wall = vec![Vec::new(); OFFSETS.len()];
    for _ in 0..rounds {
        for (invocation, wall) in built.iter().zip(&mut wall) {
            let (samples, _) = launcher.run(invocation, 1)?;
            wall.extend(samples.iter().map(|sample| sample.wall));
        }
    }
    Ok(Layouts { name: program.name.clone(), wall: wall.into_iter().map(median).collect() })
}
