//! What the command line prints: results to standard output, everything else to standard error. Colours are clap's, and
//! appear where clap's do: on terminals, unless `NO_COLOR` is set. A message that can't be written is no failure.

use std::io::{self, Write as _};

use anyhow::{Context as _, Error, Result};
use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::error::{ContextKind, ContextValue};

use crate::escape::{self, escape};

pub fn error(error: &Error) {
    say(*Styles::styled().get_error(), "error:", &format!("{error:#}"));
}

pub fn warning(text: &str) {
    say(AnsiColor::Yellow.on_default().bold(), "warning:", text);
}

fn say(style: Style, word: &str, text: &str) {
    let _ = writeln!(anstream::stderr(), "{style}{word}{style:#} {}", escape::lines(text));
}

/// Prints lines without a prefix.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", escape::lines(text));
}

/// Escapes what a clap error quotes from the command line.
pub fn escape_quoted(mut error: clap::Error) -> clap::Error {
    let hidden = |text: &String| text.contains(escape::is_hidden);
    let one = |text: &String| escape(text).into_owned();
    let quoted: Vec<_> = error
        .context()
        .filter_map(|(kind, value)| {
            let value = match value {
                ContextValue::String(text) if hidden(text) => ContextValue::String(one(text)),
                ContextValue::Strings(texts) if texts.iter().any(hidden) => {
                    ContextValue::Strings(texts.iter().map(one).collect())
                }
                _ => return None,
            };
            Some((kind, value))
        })
        .collect();
    if !quoted.is_empty() {
        // Clap's suggestions repeat these words, with colours in the text.
        error.remove(ContextKind::Suggested);
    }
    for (kind, value) in quoted {
        error.insert(kind, value);
    }
    error
}

/// Prints to standard output.
///
/// # Errors
/// If it can't be written; a closed pipe is no error.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("can't write to standard output"),
    }
}
