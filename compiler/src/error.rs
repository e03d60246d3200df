//! Why a build failed: what kind of failure it is, where in the module, and what to do about it. Every error that
//! leaves the crate through its public interface is an [`Error`]; inside the crate, errors are passed on by
//! `anyhow`, and [`Error::classify`] finds the typed one among them.

use std::fmt;

use crate::escape;

/// The result of an operation that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is. There may be more kinds in later versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes aren't a valid WebAssembly module. The error has the byte offset, and the function if it is in
    /// one.
    InvalidModule,
    /// The module needs a WebAssembly feature that isn't supported or isn't among those that it may use. The error has
    /// the byte offset, and the function if it is in one.
    UnsupportedFeature,
    /// The module imports what nothing provides.
    UnknownImport,
    /// An import has another type than the module expects.
    ImportType,
    /// The module demands more than a program can have: memory, elements of tables, bytes of code.
    Limit,
    /// The program can't start as requested: the function to be called doesn't exist or can't be called that
    /// way.
    Entry,
    /// There is no target with this name, or the target has no CPU with this name, or the CPU can't run the
    /// program.
    Target,
    /// The target or another option isn't supported for the program.
    Unsupported,
    /// This build of the compiler has no runtime for the target.
    MissingRuntime,
    /// Grants or limits that are malformed, contradict each other or can't be written into the program.
    Policy,
    /// The code generator failed: a defect.
    CodeGeneration,
    /// Linking failed.
    Link,
    /// The initialiser that was to be run can't be, or failed, or its state can't be kept.
    Preinit,
    /// A file can't be read or written.
    Io,
}

/// Why a build failed.
///
/// It is displayed as one text that names the function and the byte offset, the reason, and what to do. Names from the
/// module are escaped in it and in its parts, so that they do nothing to a terminal.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    function: Option<Function>,
    offset: Option<u64>,
    message: String,
    /// The separator between message and help, and the help.
    help: Option<(&'static str, String)>,
}

/// A function of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its index, in which imported functions come first.
    pub index: u32,
    /// Its name, demangled and escaped, if the module names it.
    pub name: Option<String>,
}

impl Error {
    /// What is hidden in the message is escaped.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let message = escape::lines(&message.into()).into_owned();
        Error { kind, function: None, offset: None, message, help: None }
    }

    pub(crate) fn at(mut self, offset: usize) -> Error {
        self.offset = Some(offset as u64);
        self
    }

    pub(crate) fn in_function(mut self, index: u32, name: Option<&str>) -> Error {
        let place = match name {
            Some(name) => format!("in function {index} ({name})"),
            None => format!("in function {index}"),
        };
        self.message = format!("{place}: {}", self.message);
        self.function = Some(Function { index, name: name.map(str::to_owned) });
        self
    }

    /// Adds what to do; `separator` sets it off from the message.
    pub(crate) fn advise(mut self, separator: &'static str, help: impl Into<String>) -> Error {
        self.help = Some((separator, escape::lines(&help.into()).into_owned()));
        self
    }

    /// Classifies an error that a phase passed on: the typed error in it, with the context added around it, or else
    /// an error of this kind.
    pub(crate) fn classify(error: anyhow::Error, kind: ErrorKind) -> Error {
        let text = format!("{error:#}");
        let Some(found) = error.downcast_ref::<Error>() else {
            return Error::new(kind, text);
        };
        let help = found.help.clone();
        let message = match &help {
            Some((separator, help)) => text.strip_suffix(&format!("{separator}{help}")).unwrap_or(&text),
            None => &text,
        };
        Error {
            kind: found.kind,
            function: found.function.clone(),
            offset: found.offset,
            message: escape::lines(message).into_owned(),
            help,
        }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The function in which the error is, if it is in one.
    pub fn function(&self) -> Option<&Function> {
        self.function.as_ref()
    }

    /// Where in the module the error is, in bytes from its start, if it is in one place.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// What is wrong, and where.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, if that is known.
    pub fn help(&self) -> Option<&str> {
        self.help.as_ref().map(|(_, help)| &**help)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some((separator, help)) => write!(f, "{separator}{help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_around_an_error_is_kept_and_so_is_what_it_knows() {
        let typed =
            Error::new(ErrorKind::UnsupportedFeature, "no such thing").at(7).advise("; ", "do without");
        let error = anyhow::Error::from(typed.in_function(3, Some("f"))).context("outside");
        let error = Error::classify(error, ErrorKind::Link);
        assert_eq!(error.to_string(), "outside: in function 3 (f): no such thing; do without");
        assert_eq!(error.message(), "outside: in function 3 (f): no such thing");
        assert_eq!((error.kind(), error.offset()), (ErrorKind::UnsupportedFeature, Some(7)));
        assert_eq!(error.help(), Some("do without"));
        assert_eq!(error.function(), Some(&Function { index: 3, name: Some("f".to_owned()) }));
    }

    #[test]
    fn untyped_errors_are_of_the_phase() {
        let error = Error::classify(anyhow::anyhow!("a\x1b[2J"), ErrorKind::Link);
        assert_eq!((error.kind(), error.message()), (ErrorKind::Link, "a\\x1b[2J"));
        assert_eq!(error.to_string(), error.message());
    }
}
