//! The policy file, `--policy app.toml`:
//!
//! ```toml
//! allow-override = false       # default true: the user who starts the program may grant it more
//! inherit-env = true           # default false
//! native = true                # default false
//! trace = true                 # default false
//! arg0 = "tool"
//! listeners = ["127.0.0.1:8080"]
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

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::Path;

use anyhow::{Context, Error, Result, anyhow, bail};
use serde::{Deserialize, Deserializer};

use super::bundle::Bundle;
use super::{DirGrant, Limits, Policy, is_variable, parse_listener, quantity};
use crate::escape::{self, escape};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default = "yes")]
    allow_override: bool,
    #[serde(default)]
    inherit_env: bool,
    #[serde(default)]
    native: bool,
    #[serde(default)]
    trace: bool,
    arg0: Option<Text>,
    #[serde(default)]
    listeners: Vec<Listener>,
    #[serde(default)]
    dirs: Vec<Dir>,
    #[serde(default)]
    bundles: Vec<FileBundle>,
    #[serde(default)]
    env: BTreeMap<Text, Text>,
    #[serde(default)]
    limits: FileLimits,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Dir {
    host: Name,
    guest: Option<Name>,
    #[serde(default)]
    read_only: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileBundle {
    host: Name,
    guest: Name,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct FileLimits {
    memory: Option<Size>,
    table: Option<u64>,
    gc_heap: Option<Size>,
    threads: Option<NonZero<u64>>,
    stack: Option<Stack>,
    timeout: Option<Duration>,
    fuel: Option<u64>,
    soft: bool,
}

/// Values that are strings with a form of their own: what reads them, so that errors name the place.
macro_rules! strings {
    ($($name:ident: $value:ty = $read:expr;)*) => {$(
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        struct $name($value);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let read: fn(String) -> Result<$value, String> = $read;
                read(text).map($name).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

strings! {
    Text: String = without_nul;
    Name: String = |text| if text.is_empty() { Err("a path can't be empty".to_owned()) } else { without_nul(text) };
    Size: u64 = |text| quantity::size(&text);
    Stack: u64 = |text| quantity::stack(&text);
    Listener: SocketAddr = |text| parse_listener(&text).map_err(|error| format!("a listener {error}"));
    Duration: u64 = |text| quantity::duration(&text);
}

fn without_nul(text: String) -> Result<String, String> {
    if text.contains('\0') { Err("a string can't have a NUL character".to_owned()) } else { Ok(text) }
}

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

/// The error with its lines, but for those that names in its message begin.
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
    let file: File = toml::from_str(text).map_err(|error| syntax_error(&error))?;
    let mut policy = Policy {
        inherit_env: file.inherit_env,
        arg0: file.arg0.map(|Text(name)| name),
        native: file.native,
        trace: file.trace,
        locked: !file.allow_override,
        listeners: file.listeners.into_iter().map(|Listener(address)| address).collect(),
        ..Policy::default()
    };
    for Dir { host: Name(host), guest, read_only } in file.dirs {
        let guest = guest.map_or_else(|| host.clone(), |Name(guest)| guest);
        if policy.dirs.iter().any(|dir| dir.guest == guest) {
            bail!("two of `dirs` have the guest name `{}`", escape(&guest));
        }
        policy.add_dir(DirGrant { host, guest, read_only });
    }
    for FileBundle { host: Name(host), guest: Name(guest) } in file.bundles {
        if policy.bundles.iter().any(|bundle| bundle.guest == guest) {
            bail!("two of `bundles` have the guest name `{}`", escape(&guest));
        }
        policy.add_bundle(Bundle::read(&folder.join(host), &guest)?);
    }
    for (Text(key), Text(value)) in file.env {
        let entry = format!("{key}={value}");
        if key.contains('=') || !is_variable(&entry) {
            let key = escape(&key);
            return Err(anyhow!("`env.{key}`: the name of a variable can't be empty or have a `=`"));
        }
        policy.add_env(entry);
    }
    let limits = file.limits;
    policy.limits = Limits {
        memory: limits.memory.map(|Size(bytes)| bytes),
        table: limits.table,
        heap: limits.gc_heap.map(|Size(bytes)| bytes),
        threads: limits.threads.map(NonZero::get),
        stack: limits.stack.map_or(policy.limits.stack, |Stack(bytes)| bytes),
        timeout: limits.timeout.map(|Duration(time)| time),
        fuel: limits.fuel,
        soft: limits.soft,
    };
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        // What is printed is the same policy again.
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
                assert!(error.contains(word), "`{word}` is missing of {text:?}:\n{error}");
            }
        }
    }
}
