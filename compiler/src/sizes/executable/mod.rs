//! Executables and shared libraries: what our own metadata, the symbols and the sections say of their bytes, in this order.

mod bundles;
mod claims;
mod formats;
mod places;
mod pointers;
mod program;
mod sections;
mod symbols;

use anyhow::{Context as _, Result};

use super::ranges::Ranges;
use super::{Kind, Node, Part, Sizes, unnamed};
use crate::policy::image::Image;
use crate::policy::read;
use claims::Claims;
use places::Places;
use program::Program;

/// What is known of an executable besides where its bytes come from.
pub struct Executable {
    pub sizes: Sizes,
    /// The functions of the host that it has, as the runtime calls them; none if it has no symbols.
    pub host_functions: Option<Vec<String>>,
}

/// Where the bytes of an executable or a shared library come from. `name` is that of the file.
///
/// # Errors
/// If wasm-aot hasn't made it, or if it is damaged.
pub fn executable(name: &str, bytes: &[u8]) -> Result<Executable> {
    let file = object::File::parse(bytes).context("this isn't an executable that can be read")?;
    let policy = read::policy_at(bytes, &file).context("this executable wasn't made by wasm-aot")?;
    let image = Image::new(bytes, &file)?;
    let program = Program::find(&image, policy).context("it doesn't say where its code is, or is damaged")?;
    let mut claims = Claims { places: Places::of(&file), ranges: Ranges::new(bytes.len() as u64) };
    let functions = program.claim(&image, &mut claims).context("what it says of its code is damaged")?;
    bundles::claim(policy, &image, &mut claims).context("its bundles are damaged")?;
    let symbols = symbols::claim(bytes.len(), &file, &program, &mut claims);
    let has_pointers = pointers::claim(bytes, &file, &image, &program, &mut claims);
    formats::claim(bytes, &file, &mut claims);
    sections::claim(&file, &mut claims);

    let mut unknown = vec![
        "An executable doesn't say which module a function comes from, nor which features the modules use."
            .to_owned(),
    ];
    unknown.extend(unnamed(functions.unnamed()));
    if symbols.is_none() {
        unknown.push(
            "It has no symbols: the functions of the runtime have no names, and which functions of the host it has \
             isn't known."
                .to_owned(),
        );
    }
    if symbols.as_ref().is_some_and(|symbols| symbols.without_sizes) {
        unknown.push(
            "Its symbols have no sizes: a function of the runtime ends where the next one begins.".to_owned(),
        );
    }
    if !has_pointers {
        unknown.push(
            "It can't be moved (--no-pie), so it doesn't say where it has addresses: tables are among the constants."
                .to_owned(),
        );
    }
    let parts = claims.ranges.finish(Part::new(Kind::Padding, "between the parts of the file"));
    let root = Node::of(name, parts);
    let host_functions = symbols.map(|symbols| symbols.host_functions);
    Ok(Executable { sizes: Sizes { root, unknown }, host_functions })
}
