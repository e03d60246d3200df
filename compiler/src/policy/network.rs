//! Network grants that components will use (WASI 0.2): what the program may connect to, and what it may exchange
//! datagrams with. Unlike in preview 1, whose sockets are opened before the program runs, they bound what the program
//! asks for while it runs.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Error, Result};

use super::form::{Form, Planned, Printed, Switch, quoted, strings};
use crate::escape::escape;

const REASON: &str = "WASI preview 1 programs have no use for it, and components (WASI 0.2) can't be built yet; \
                      preview 1 programs can use --tcplisten";

/// Defines planned grants.
macro_rules! planned {
    ($($name:ident: $form:ty = $flag:literal;)*) => {$(
        pub struct $name;

        impl Planned for $name {
            type Form = $form;
            const NAME: &'static str = $flag;
            const REASON: &'static str = REASON;
        }
    )*};
}

planned! {
    TcpConnect: Peers = "tcp-connect";
    Udp: Peers = "udp";
    NameLookup: Switch = "allow-ip-name-lookup";
    InheritNetwork: Switch = "inherit-network";
}

/// Addresses of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub host: Host,
    /// The port, or none for every port.
    pub port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    Any,
    /// Addresses that share this many leading bits with an address.
    Network(IpAddr, u32),
    /// The addresses that the name resolves to when the program starts.
    Name(String),
}

impl Peer {
    /// Parses `HOST:PORT`.
    ///
    /// # Errors
    /// If the text has another form.
    pub fn parse(text: &str) -> Result<Peer, String> {
        Peer::from_parts(text).ok_or_else(|| {
            format!(
                "takes HOST:PORT, e.g. example.com:443, 10.0.0.0/8:5432, [::1]:80 or *:53, and `*` for every port, not \
                 `{text}`"
            )
        })
    }

    fn from_parts(text: &str) -> Option<Peer> {
        let (host, port) = text.rsplit_once(':')?;
        let port = match port {
            "*" => None,
            _ => Some(port.parse().ok().filter(|port| *port != 0)?),
        };
        let host = match host.strip_prefix('[') {
            Some(host) => Host::network(host.strip_suffix(']')?).filter(Host::is_ipv6)?,
            None if host == "*" => Host::Any,
            None => match Host::network(host) {
                Some(network) if network.is_ipv6() => return None,
                Some(network) => network,
                None if is_name(host) => Host::Name(host.to_owned()),
                None => return None,
            },
        };
        Some(Peer { host, port })
    }
}

impl Host {
    /// Parses `IP[/BITS]`.
    fn network(text: &str) -> Option<Host> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok().filter(|bits| *bits <= all))?;
        Some(Host::Network(address, bits))
    }

    fn is_ipv6(&self) -> bool {
        matches!(self, Host::Network(IpAddr::V6(_), _))
    }
}

/// Whether this can be the name of a host; a name that consists of digits would be an address.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(is_label) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Any => write!(f, "*")?,
            Host::Network(IpAddr::V4(address), 32) => write!(f, "{address}")?,
            Host::Network(IpAddr::V4(address), bits) => write!(f, "{address}/{bits}")?,
            Host::Network(IpAddr::V6(address), 128) => write!(f, "[{address}]")?,
            Host::Network(IpAddr::V6(address), bits) => write!(f, "[{address}/{bits}]")?,
            Host::Name(name) => write!(f, "{name}")?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => write!(f, ":*"),
        }
    }
}

strings! {
    PeerText: Peer = |text| Peer::parse(&text).map_err(|error| format!("a network grant {error}"));
}

/// `HOST:PORT`, any number of them.
pub struct Peers;

impl Form for Peers {
    type Value = Vec<Peer>;
    type File = Vec<PeerText>;
    const REPEATED: bool = true;

    fn read(file: Vec<PeerText>, _: &Path, value: &mut Vec<Peer>) -> Result<()> {
        value.extend(file.into_iter().map(|PeerText(peer)| peer));
        Ok(())
    }

    fn add(values: &[String], value: &mut Vec<Peer>) -> Result<()> {
        for text in values {
            value.push(Peer::parse(text).map_err(|error| Error::msg(escape(&error).to_string()))?);
        }
        Ok(())
    }

    fn print(value: &Vec<Peer>) -> Printed {
        if value.is_empty() {
            return Printed::Nothing;
        }
        let peers: Vec<String> = value.iter().map(|peer| quoted(&peer.to_string())).collect();
        Printed::Inline(format!("[{}]", peers.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::parse;

    #[test]
    fn peers_are_printed_as_they_are_parsed() {
        for text in [
            "example.com:443",
            "localhost:*",
            "*:53",
            "*:*",
            "10.0.0.0/8:5432",
            "127.0.0.1:1",
            "[::1]:80",
            "[2001:db8::/32]:*",
        ] {
            assert_eq!(Peer::parse(text).unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "80",
            "a",
            "a:",
            ":80",
            "a:0",
            "a:65536",
            "a:b",
            "::1:80",
            "[::1]",
            "[a]:80",
            "[127.0.0.1]:80",
            "10.0.0.0/33:80",
            "1.2.3:80",
            "a b:80",
            "a..b:80",
            "a/8:80",
        ] {
            assert!(Peer::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_granted_is_refused() {
        let refused = |text: &str| format!("{:#}", parse(text, Path::new("")).unwrap_err());
        assert!(refused("tcp-connect = [\"*:80\"]").starts_with("`tcp-connect` isn't supported yet: "));
        assert!(refused("inherit-network = true").starts_with("`inherit-network` isn't supported yet: "));
        assert!(refused("udp = [\"x\"]").contains("takes HOST:PORT"));
        assert_eq!(parse("inherit-network = false\nudp = []", Path::new("")).unwrap(), Default::default());
    }
}
