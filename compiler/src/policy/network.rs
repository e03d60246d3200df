//! Grants of the network for components (WASI 0.2): what the program may connect to, listen at, exchange datagrams with and
//! look up. Unlike the listeners of preview 1, which are opened before the program runs, they bound what it asks for while
//! it runs. What exactly each is a grant of is in `docs/policy.md`.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Result, anyhow};
use serde::{Deserialize, Deserializer};
use wasm_aot_abi::network::is_name;

use super::form::{Form, Printed, quoted};
use crate::escape::escape;

/// A grant that is written as one word.
pub trait Grant: Clone + fmt::Debug + PartialEq + fmt::Display {
    /// Parses the word.
    ///
    /// # Errors
    /// Say which form it must have.
    fn parse(text: &str) -> Result<Self, String>;
}

/// Hosts and ports: `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub host: Host,
    pub ports: Ports,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    Any,
    /// Addresses that share this many leading bits with an address.
    Network(IpAddr, u32),
    /// The addresses that the program finds when it looks up one of these names.
    Names(Names),
}

/// Names of hosts, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// `example.com`.
    Exact(String),
    /// `*.example.com`: those that end in this, behind a dot.
    Below(String),
}

/// Ports, including the last one. Port 0, any one that the system chooses, is among them only if it is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    pub first: u16,
    pub last: u16,
}

/// Addresses of this machine: `IP:PORT`. The host is no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local(pub Peer);

/// Names to look up; none stands for every name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup(pub Option<Names>);

impl Grant for Peer {
    fn parse(text: &str) -> Result<Peer, String> {
        let peer = Peer::from_parts(text).filter(|peer| peer.ports != Ports::CHOSEN);
        peer.ok_or_else(|| {
            format!(
                "takes HOST:PORT, e.g. example.com:443, *.example.com:8000-8100, 10.0.0.0/8:5432, [::1]:80 or *:53, and \
                 `*` for every port, not `{text}`"
            )
        })
    }
}

impl Grant for Local {
    fn parse(text: &str) -> Result<Local, String> {
        let peer = Peer::from_parts(text).filter(|peer| !matches!(peer.host, Host::Names(_)));
        peer.map(Local).ok_or_else(|| {
            format!(
                "takes IP:PORT, e.g. 127.0.0.1:8080, [::1]:8000-8100, 0.0.0.0:80, 192.168.0.0/16:80 or *:80, `*` for every \
                 port and 0 for any one that the system chooses, not `{text}`"
            )
        })
    }
}

impl Grant for Lookup {
    fn parse(text: &str) -> Result<Lookup, String> {
        match (text, Names::parse(text)) {
            ("*", _) => Ok(Lookup(None)),
            (_, Some(names)) => Ok(Lookup(Some(names))),
            _ => Err(format!("takes a name, e.g. example.com, *.example.com or *, not `{text}`")),
        }
    }
}

impl Peer {
    fn from_parts(text: &str) -> Option<Peer> {
        let (host, ports) = text.rsplit_once(':')?;
        let ports = Ports::parse(ports)?;
        let host = match host.strip_prefix('[') {
            Some(host) => Host::network(host.strip_suffix(']')?).filter(Host::is_ipv6)?,
            None if host == "*" => Host::Any,
            None => match Host::network(host) {
                Some(network) if network.is_ipv6() => return None,
                Some(network) => network,
                None => Host::Names(Names::parse(host)?),
            },
        };
        Some(Peer { host, ports })
    }
}

impl Host {
    /// Parses `IP[/BITS]`. No socket has an IPv6 address that stands for an IPv4 address.
    fn network(text: &str) -> Option<Host> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok().filter(|bits| *bits <= all))?;
        (address.to_canonical() == address).then_some(Host::Network(address, bits))
    }

    fn is_ipv6(&self) -> bool {
        matches!(self, Host::Network(IpAddr::V6(_), _))
    }
}

impl Names {
    fn parse(text: &str) -> Option<Names> {
        let (name, names): (_, fn(String) -> Names) = match text.strip_prefix("*.") {
            Some(name) => (name, Names::Below),
            None => (text, Names::Exact),
        };
        is_name(name.as_bytes()).then(|| names(name.to_ascii_lowercase()))
    }
}

impl Ports {
    pub const ALL: Ports = Ports { first: 0, last: u16::MAX };
    /// Any one that the system chooses.
    pub const CHOSEN: Ports = Ports { first: 0, last: 0 };

    fn parse(text: &str) -> Option<Ports> {
        let port = |text: &str| text.parse().ok();
        match text.split_once('-') {
            _ if text == "*" => Some(Ports::ALL),
            None => port(text).map(|port| Ports { first: port, last: port }),
            Some((first, last)) => {
                let ports = Ports { first: port(first)?, last: port(last)? };
                (ports.first != 0 && ports.first <= ports.last).then_some(ports)
            }
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Any => write!(f, "*")?,
            Host::Network(IpAddr::V4(address), 32) => write!(f, "{address}")?,
            Host::Network(IpAddr::V4(address), bits) => write!(f, "{address}/{bits}")?,
            Host::Network(IpAddr::V6(address), 128) => write!(f, "[{address}]")?,
            Host::Network(IpAddr::V6(address), bits) => write!(f, "[{address}/{bits}]")?,
            Host::Names(names) => write!(f, "{names}")?,
        }
        match self.ports {
            Ports::ALL => write!(f, ":*"),
            Ports { first, last } if first == last => write!(f, ":{first}"),
            Ports { first, last } => write!(f, ":{first}-{last}"),
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Names::Exact(name) => write!(f, "{name}"),
            Names::Below(name) => write!(f, "*.{name}"),
        }
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(names) => names.fmt(f),
            None => write!(f, "*"),
        }
    }
}

/// A flag, which is also a key of the policy file, with any number of grants.
pub trait Flag {
    type Grant: Grant;
    /// Its name without the dashes.
    const NAME: &'static str;
}

/// Defines flags and the kinds of their grants.
macro_rules! flags {
    ($($flag:ident: $grant:ty = $name:literal;)*) => {$(
        pub struct $flag;

        impl Flag for $flag {
            type Grant = $grant;
            const NAME: &'static str = $name;
        }
    )*};
}

flags! {
    TcpConnect: Peer = "tcp-connect";
    TcpListen: Local = "tcp-listen";
    Udp: Peer = "udp";
    Resolve: Lookup = "resolve";
}

/// The grants of a flag.
pub struct Grants<F>(PhantomData<F>);

/// A grant in the policy file.
pub struct Text<F: Flag>(F::Grant);

impl<'de, F: Flag> Deserialize<'de> for Text<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let error = |error| serde::de::Error::custom(format!("`{}` {error}", F::NAME));
        F::Grant::parse(&text).map(Text).map_err(error)
    }
}

impl<F: Flag> Form for Grants<F> {
    type Value = Vec<F::Grant>;
    type File = Vec<Text<F>>;
    const REPEATED: bool = true;

    fn read(file: Vec<Text<F>>, _: &Path, value: &mut Vec<F::Grant>) -> Result<()> {
        value.extend(file.into_iter().map(|Text(grant)| grant));
        Ok(())
    }

    fn add(values: &[String], value: &mut Vec<F::Grant>) -> Result<()> {
        for text in values {
            let grant = F::Grant::parse(text);
            value.push(grant.map_err(|error| anyhow!("--{} {}", F::NAME, escape(&error)))?);
        }
        Ok(())
    }

    fn print(value: &Vec<F::Grant>) -> Printed {
        if value.is_empty() {
            return Printed::Nothing;
        }
        let grants: Vec<String> = value.iter().map(|grant| quoted(&grant.to_string())).collect();
        Printed::Inline(format!("[{}]", grants.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::parse;

    /// Checks which texts are grants, and that they are printed as they are written.
    fn check<G: Grant>(right: &[&str], wrong: &[&str]) {
        for text in right {
            assert_eq!(G::parse(text).unwrap().to_string(), *text);
        }
        for text in wrong {
            assert!(G::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn peers() {
        check::<Peer>(
            &[
                "example.com:443",
                "*.example.com:8000-8100",
                "localhost:*",
                "*:53",
                "*:*",
                "10.0.0.0/8:5432",
                "127.0.0.1:1",
                "[::1]:80",
                "[2001:db8::/32]:*",
            ],
            &[
                "",
                "80",
                "a",
                "a:",
                ":80",
                "a:0",
                "a:0-80",
                "a:80-0",
                "a:81-80",
                "a:80-",
                "a:-80",
                "a:65536",
                "a:b",
                "::1:80",
                "[::1]",
                "[a]:80",
                "[127.0.0.1]:80",
                "[::ffff:127.0.0.1]:80",
                "10.0.0.0/33:80",
                "1.2.3:80",
                "a b:80",
                "a..b:80",
                "a/8:80",
                "*a.b:80",
                "*.:80",
                "*.*.a:80",
                "a.*:80",
            ],
        );
        let names = Host::Names(Names::Below("example.com".to_owned()));
        assert_eq!(
            Peer::parse("*.EXAMPLE.com:1-2").unwrap(),
            Peer { host: names, ports: Ports { first: 1, last: 2 } }
        );
        let any = Peer { host: Host::Any, ports: Ports { first: 0, last: 65535 } };
        assert_eq!(Peer::parse("*:*").unwrap(), any);
    }

    #[test]
    fn local_addresses() {
        check::<Local>(
            &["127.0.0.1:8080", "127.0.0.1:0", "0.0.0.0:80", "[::]:8000-8100", "192.168.0.0/16:*", "*:80"],
            &["localhost:80", "*.a:80", "80", "[::ffff:0.0.0.0]:80", "127.0.0.1:0-80"],
        );
    }

    #[test]
    fn lookups() {
        check::<Lookup>(
            &["example.com", "*.example.com", "*", "localhost"],
            &["", "example.com.", "example.com:80", "127.0.0.1", "*.1", "**", "*.", "::1", "a b"],
        );
    }

    #[test]
    fn a_policy_file_can_grant_the_network() {
        let text = "tcp-connect = [\"a.b:80\", \"*:443\"]\ntcp-listen = [\"127.0.0.1:0\"]\nudp = [\"*:53\"]\n\
                    resolve = [\"*.a\"]\nallow-ip-name-lookup = true\ninherit-network = true\n";
        let policy = parse(text, Path::new("")).unwrap();
        assert!(policy.tcp_connect.len() == 2 && policy.inherit_network && policy.name_lookup);
        assert_eq!(parse(&policy.to_string(), Path::new("")).unwrap(), policy);
        assert!(policy.to_string().starts_with(text), "{policy}");
        let refused = format!("{:#}", parse("udp = [\"x\"]", Path::new("")).unwrap_err());
        assert!(refused.contains("`udp` takes HOST:PORT") && refused.contains("line 1"), "{refused}");
        let nothing = "udp = []\ninherit-network = false\n";
        assert_eq!(parse(nothing, Path::new("")).unwrap().component_network(), None);
        let resolve = parse("resolve = [\"a\"]", Path::new("")).unwrap();
        assert_eq!(
            (policy.component_network(), resolve.component_network()),
            (Some("tcp-connect"), Some("resolve"))
        );
    }
}
