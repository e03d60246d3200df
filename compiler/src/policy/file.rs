//! The policy file, `--policy app.toml`:
//!
//! ```toml
//! allow-override = false       # default true: the user who starts the program may grant it more
//! inherit-env = true           # default false
//! native = true                # default false
//! trace = true                 # default false
//! arg0 = "tool"
//! listeners = ["127.0.0.1:8080"]
//! serve = "127.0.0.1:8080"
//! tcp-connect = ["example.com:443"]
//! tcp-listen = ["127.0.0.1:8000-8100"]
//! udp = ["*:53"]
//! resolve = ["*.example.com"]
//! allow-ip-name-lookup = true  # default false
//! inherit-network = true       # default false
//! dirs = [{ host = "./data", guest = "/data", read-only = true }]
//! bundles = [{ host = "assets", guest = "/assets" }]      # relative to the folder of the policy file
//!
//! [env]
//! LANG = "C"
//!
//! [limits]
//! memory = "64MiB"
//! table = 10000
//! gc-heap = "64MiB"
//! threads = 16
//! stack = "1MiB"
//! timeout = "30s"
//! fuel = 1000000000
//! soft = false
//! ```

use std::fmt;
use std::path::Path;

use anyhow::{Context, Error, Result, anyhow};

use super::form::Printed;
use super::table::{Policy, PolicyFile};
use crate::escape::{self, escape};

/// Reads a policy file.
///
/// # Errors
/// Name the file, the line and the key.
pub fn read(path: &Path) -> Result<Policy> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("can't read the policy {}", escape::path(path)))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&text, folder).with_context(|| format!("in the policy {}", escape::path(path)))
}

/// The error with its lines; line feeds in names within its message are escaped.
fn syntax_error(error: &toml::de::Error) -> Error {
    let (text, message) = (error.to_string(), error.message());
    let (before, after) = text.rsplit_once(message).unwrap_or(("", ""));
    anyhow!("{before}{}{}", escape(message), after.trim_end())
}

/// Parses the text of a policy file; hosts of bundles are relative to `folder`.
///
/// # Errors
/// Name the line and the key.
pub fn parse(text: &str, folder: &Path) -> Result<Policy> {
    let file: PolicyFile = toml::from_str(text).map_err(|error| syntax_error(&error))?;
    Policy::read(file, folder)
}

impl fmt::Display for Policy {
    /// In the form of a policy file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.print();
        // What follows a table would belong to it, so tables come last.
        for (key, value) in &values {
            if let Printed::Inline(value) = value {
                writeln!(f, "{key} = {value}")?;
            }
        }
        for (key, value) in &values {
            if let Printed::Table(lines) = value {
                write!(f, "\n[{key}]\n{lines}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Limits;
    use crate::policy::grant::DirGrant;

    #[test]
    fn everything() {
        let policy = parse(
            r#"
            allow-override = false
            inherit-env = true
            native = true
            arg0 = "tool"
            listeners = ["127.0.0.1:8080", "[::]:80"]
            dirs = [{ host = "./data", guest = "/data", read-only = true }, { host = "out" }]
            [env]
            B = "2"
            A = "x=y"
            [limits]
            memory = "64MiB"
            table = 100
            gc-heap = "1MiB"
            threads = 7
            stack = "1MiB"
            timeout = "1500ms"
            fuel = 12345
            soft = true
            "#,
            Path::new(""),
        )
        .unwrap();
        let dir = |host: &str, guest: &str, read_only| DirGrant {
            host: host.to_owned(),
            guest: guest.to_owned(),
            read_only,
        };
        assert_eq!(policy.dirs, [dir("./data", "/data", true), dir("out", "out", false)]);
        assert_eq!(policy.env, ["A=x=y", "B=2"]);
        assert_eq!(policy.listeners.len(), 2);
        assert!(policy.locked && policy.inherit_env && policy.native);
        assert_eq!(policy.arg0.as_deref(), Some("tool"));
        let limits = Limits {
            memory: Some(64 << 20),
            table: Some(100),
            heap: Some(1 << 20),
            threads: Some(7),
            stack: 1 << 20,
            timeout: Some(1_500_000_000),
            fuel: Some(12345),
            soft: true,
        };
        assert_eq!(policy.limits, limits);
        // The printed text is the same policy again.
        assert_eq!(parse(&policy.to_string(), Path::new("")).unwrap(), policy);
        assert_eq!(parse("", Path::new("")).unwrap(), Policy::default());
        assert_eq!(parse(&Policy::default().to_string(), Path::new("")).unwrap(), Policy::default());
    }

    #[test]
    fn errors_name_the_key() {
        for (text, words) in [
            ("dirs = 3", &["dirs", "line 1"][..]),
            ("colour = 1", &["unknown field `colour`", "`allow-override`", "`limits`"]),
            ("\n[[dirs]]\nguest = \"/\"", &["missing field `host`", "line 2"]),
            ("[[dirs]]\nhost = \"\"", &["host = \"\"", "can't be empty"]),
            ("[[dirs]]\nhost = \"a\"\nread-only = 1", &["read-only = 1", "line 3"]),
            ("listeners = [\"localhost:80\"]", &["localhost:80", "IP:PORT", "line 1"]),
            ("[limits]\nmemory = 64", &["memory = 64", "line 2"]),
            ("[limits]\nmemory = \"64\"", &["memory = \"64\"", "a number with a unit"]),
            ("[limits]\ntimeout = \"0s\"", &["timeout = \"0s\"", "30s"]),
            ("[limits]\nstack = \"1K\"", &["stack = \"1K\"", "16KiB"]),
            ("[limits]\nfuel = -1", &["fuel = -1"]),
            ("[limits]\nthreads = 0", &["threads = 0", "nonzero"]),
            ("[limits]\nsize = 1", &["unknown field `size`", "`memory`"]),
            ("[env]\n\"A=B\" = \"\"", &["env.A=B"]),
            ("[env]\nA = 1", &["A = 1", "line 2"]),
            ("arg0 = \"a\\u0000\"", &["arg0", "NUL"]),
            ("this is no toml", &["line 1"]),
        ] {
            let error = format!("{:#}", parse(text, Path::new("")).unwrap_err());
            for word in words {
                assert!(error.contains(word), "`{word}` is missing for {text:?}:\n{error}");
            }
        }
    }
}
