//! Grants that are lists: directories, listeners, environment variables and bundles.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use serde::Deserialize;
use wasm_aot_abi::policy::parse_dir;

use super::bundle::Bundle;
use super::form::{Form, Plain, Printed, quoted, strings, without_nul};
use crate::escape::escape;

strings! {
    Name: String = |text| if text.is_empty() { Err("a path can't be empty".to_owned()) } else { without_nul(text) };
    Listener: SocketAddr = |text| parse_listener(&text).map_err(|error| format!("a listener {error}"));
}

/// A directory that the program may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirGrant {
    pub host: String,
    pub guest: String,
    pub read_only: bool,
}

impl DirGrant {
    /// Parses `HOST[::GUEST][:ro]`.
    ///
    /// # Errors
    /// If the text has another form.
    pub fn parse(text: &str) -> Result<DirGrant> {
        let Some((host, guest, read_only)) = parse_dir(text.as_bytes()) else {
            bail!("--dir takes HOST[::GUEST][:ro], not `{}`", escape(text));
        };
        let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(DirGrant { host: string(host), guest: string(guest), read_only })
    }
}

/// Grants that the guest knows by name: a later grant replaces an earlier one with the same name.
pub(super) trait Named {
    fn guest(&self) -> &str;
}

impl Named for DirGrant {
    fn guest(&self) -> &str {
        &self.guest
    }
}

impl Named for Bundle {
    fn guest(&self) -> &str {
        &self.guest
    }
}

pub(super) fn replace<G: Named>(grants: &mut Vec<G>, grant: G) {
    match grants.iter_mut().find(|other| other.guest() == grant.guest()) {
        Some(other) => *other = grant,
        None => grants.push(grant),
    }
}

/// Adds the grants of a flag. A grant replaces one from the policy file, but not another one from the flag, which would
/// be lost silently.
fn add<G: Named>(
    flag: &str,
    values: &[String],
    grants: &mut Vec<G>,
    parse: impl Fn(&str) -> Result<G>,
) -> Result<()> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for text in values {
        let grant = parse(text)?;
        if let Some(other) = seen.insert(grant.guest().to_owned(), text) {
            let (other, text, guest) = (escape(other), escape(text), escape(grant.guest()));
            bail!("{flag} {other} and {flag} {text} have the same guest name, `{guest}`: leave one out");
        }
        replace(grants, grant);
    }
    Ok(())
}

/// Adds a grant of the policy file.
fn add_unique<G: Named>(key: &str, grants: &mut Vec<G>, grant: G) -> Result<()> {
    if grants.iter().any(|other| other.guest() == grant.guest()) {
        bail!("two of `{key}` have the guest name `{}`", escape(grant.guest()));
    }
    grants.push(grant);
    Ok(())
}

/// `HOST[::GUEST][:ro]`, or the same as separate keys.
pub struct Directories;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileDirectory {
    host: Name,
    guest: Option<Name>,
    #[serde(default)]
    read_only: bool,
}

impl Form for Directories {
    type Value = Vec<DirGrant>;
    type File = Vec<FileDirectory>;
    const REPEATED: bool = true;

    fn read(file: Vec<FileDirectory>, _: &Path, value: &mut Vec<DirGrant>) -> Result<()> {
        for FileDirectory { host: Name(host), guest, read_only } in file {
            let guest = guest.map_or_else(|| host.clone(), |Name(guest)| guest);
            add_unique("dirs", value, DirGrant { host, guest, read_only })?;
        }
        Ok(())
    }

    fn add(values: &[String], value: &mut Vec<DirGrant>) -> Result<()> {
        add("--dir", values, value, DirGrant::parse)
    }

    fn print(value: &Vec<DirGrant>) -> Printed {
        if value.is_empty() {
            return Printed::Nothing;
        }
        let lines = value.iter().map(|DirGrant { host, guest, read_only }| {
            let read_only = if *read_only { ", read-only = true" } else { "" };
            format!("    {{ host = {}, guest = {}{read_only} }},\n", quoted(host), quoted(guest))
        });
        Printed::Inline(format!("[\n{}]", lines.collect::<String>()))
    }
}

/// `HOSTDIR::GUEST`; in the policy file relative to its folder.
pub struct Bundles;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileBundle {
    host: Name,
    guest: Name,
}

impl Form for Bundles {
    type Value = Vec<Bundle>;
    type File = Vec<FileBundle>;
    const REPEATED: bool = true;

    fn read(file: Vec<FileBundle>, folder: &Path, value: &mut Vec<Bundle>) -> Result<()> {
        for FileBundle { host: Name(host), guest: Name(guest) } in file {
            if value.iter().any(|bundle| bundle.guest == guest) {
                bail!("two of `bundles` have the guest name `{}`", escape(&guest));
            }
            value.push(Bundle::read(&folder.join(host), &guest)?);
        }
        Ok(())
    }

    fn add(values: &[String], value: &mut Vec<Bundle>) -> Result<()> {
        add("--bundle", values, value, Bundle::parse)
    }

    /// Executables don't record where the directories were.
    fn print(_: &Vec<Bundle>) -> Printed {
        Printed::Nothing
    }
}

/// `IP:PORT`.
pub struct Listeners;

/// Parses `IP:PORT`. Names aren't looked up: what they mean differs from machine to machine.
fn parse_listener(text: &str) -> Result<SocketAddr, String> {
    match text.parse() {
        Ok(SocketAddr::V6(address)) if address.scope_id() != 0 => {
            Err(format!("takes no address with a scope, such as `{text}`"))
        }
        Ok(address) => Ok(address),
        Err(_) => Err(format!("takes IP:PORT, e.g. 127.0.0.1:8080 or [::]:80, not `{text}`")),
    }
}

impl Form for Listeners {
    type Value = Vec<SocketAddr>;
    type File = Vec<Listener>;
    const REPEATED: bool = true;

    fn read(file: Vec<Listener>, _: &Path, value: &mut Vec<SocketAddr>) -> Result<()> {
        value.extend(file.into_iter().map(|Listener(address)| address));
        Ok(())
    }

    fn add(values: &[String], value: &mut Vec<SocketAddr>) -> Result<()> {
        for text in values {
            value.push(parse_listener(text).map_err(|error| anyhow!("--tcplisten {}", escape(&error)))?);
        }
        Ok(())
    }

    fn print(value: &Vec<SocketAddr>) -> Printed {
        if value.is_empty() {
            return Printed::Nothing;
        }
        let addresses: Vec<String> = value.iter().map(|address| quoted(&address.to_string())).collect();
        Printed::Inline(format!("[{}]", addresses.join(", ")))
    }
}

/// `IP:PORT`, of which there is one.
pub struct Serve;

impl Form for Serve {
    type Value = Option<SocketAddr>;
    type File = Listener;

    fn read(Listener(address): Listener, _: &Path, value: &mut Option<SocketAddr>) -> Result<()> {
        *value = Some(address);
        Ok(())
    }

    fn add(values: &[String], value: &mut Option<SocketAddr>) -> Result<()> {
        for text in values {
            *value = Some(parse_listener(text).map_err(|error| anyhow!("--serve {}", escape(&error)))?);
        }
        Ok(())
    }

    fn print(value: &Option<SocketAddr>) -> Printed {
        match value {
            Some(address) => Printed::Inline(quoted(&address.to_string())),
            None => Printed::Nothing,
        }
    }
}

/// `KEY=VALUE`: a later variable replaces an earlier one with the same name.
pub struct Variables;

fn is_variable(entry: &str) -> bool {
    entry.contains('=') && !entry.starts_with('=') && !entry.contains('\0')
}

/// Adds a variable, `KEY=VALUE`, in the place of one with the same key.
pub(super) fn set_variable(entries: &mut Vec<String>, entry: String) {
    let key = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
    match entries.iter_mut().find(|other| key(other) == key(&entry)) {
        Some(other) => *other = entry,
        None => entries.push(entry),
    }
}

impl Form for Variables {
    type Value = Vec<String>;
    type File = BTreeMap<Plain, Plain>;
    const REPEATED: bool = true;

    fn read(file: BTreeMap<Plain, Plain>, _: &Path, value: &mut Vec<String>) -> Result<()> {
        for (Plain(key), Plain(text)) in file {
            let entry = format!("{key}={text}");
            if key.contains('=') || !is_variable(&entry) {
                let key = escape(&key);
                bail!("`env.{key}`: the name of a variable can't be empty or have a `=`");
            }
            set_variable(value, entry);
        }
        Ok(())
    }

    fn add(values: &[String], value: &mut Vec<String>) -> Result<()> {
        for entry in values {
            if !is_variable(entry) {
                bail!("--env takes KEY=VALUE, not `{}`", escape(entry));
            }
            set_variable(value, entry.clone());
        }
        Ok(())
    }

    fn print(value: &Vec<String>) -> Printed {
        if value.is_empty() {
            return Printed::Nothing;
        }
        let line = |entry: &String| {
            let (key, text) = entry.split_once('=').unwrap_or((entry, ""));
            format!("{} = {}\n", quoted(key), quoted(text))
        };
        Printed::Table(value.iter().map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners() {
        assert_eq!(parse_listener("127.0.0.1:80").unwrap(), SocketAddr::from(([127, 0, 0, 1], 80)));
        assert_eq!(parse_listener("[::1]:8080").unwrap().to_string(), "[::1]:8080");
        for wrong in ["", "80", "localhost:80", "127.0.0.1", "127.0.0.1:65536", "::1:80", "[fe80::1%2]:80"] {
            assert!(parse_listener(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn later_grants_take_the_place_of_earlier_ones() {
        let mut dirs = Vec::new();
        for dir in ["a::/x", "b::/y", "c::/x:ro"] {
            Directories::add(&[dir.to_owned()], &mut dirs).unwrap();
        }
        let dirs: Vec<_> = dirs.iter().map(|d| (&d.host[..], &d.guest[..], d.read_only)).collect();
        assert_eq!(dirs, [("c", "/x", true), ("b", "/y", false)]);
        let mut env = Vec::new();
        Variables::add(&["A=1", "AB=2", "A=3=4"].map(str::to_owned), &mut env).unwrap();
        assert_eq!(env, ["A=3=4", "AB=2"]);
    }
}
