//! What a program is granted of the network, and how addresses and names are compared with that. Only programs that use
//! WASI 0.2's sockets have such grants: see [`crate::policy::NetworkPolicy`].

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::policy::Bytes;
use crate::shared::shared;

shared! {
    /// What the program is granted of the network.
    pub struct Network<P> {
        /// A set of the flags below.
        pub flags: u64,
        pub grants: P::Const<NetworkGrant<P>>,
        pub grant_count: u64,
    }

    /// Hosts and ports, or names.
    #[derive(Clone, Copy)]
    pub struct NetworkGrant<P> {
        /// What may be done with them: [`NetworkGrant::TCP_CONNECT`] and those below it.
        pub operation: u64,
        /// What `host` is: [`NetworkGrant::ANY`] and those below it.
        pub kind: u64,
        pub host: Bytes<P>,
        /// The number of leading bits that the addresses of a network share.
        pub bits: u64,
        pub first_port: u64,
        /// At least `first_port`.
        pub last_port: u64,
    }
}

impl Network {
    /// Everything is granted.
    pub const INHERIT: u64 = 1;
    /// Every name may be looked up.
    pub const NAME_LOOKUP: u64 = 2;
}

impl NetworkGrant {
    /// Connecting to these hosts.
    pub const TCP_CONNECT: u64 = 0;
    /// Binding TCP sockets to these addresses, and listening at them.
    pub const TCP_LISTEN: u64 = 1;
    /// Exchanging datagrams with these hosts, and binding UDP sockets to these addresses.
    pub const UDP: u64 = 2;
    /// Looking up these names; ports mean nothing.
    pub const RESOLVE: u64 = 3;

    /// Every host; `host` is empty.
    pub const ANY: u64 = 0;
    /// The addresses of a network; `host` is one of them, of 4 or 16 bytes in network order.
    pub const ADDRESSES: u64 = 1;
    /// The name `host`, in lower case.
    pub const NAME: u64 = 2;
    /// The names below `host`, in lower case.
    pub const NAMES_BELOW: u64 = 3;

    /// Whether it grants this port. Port 0 is any one that the system chooses.
    pub fn has_port(&self, port: u16) -> bool {
        (self.first_port..=self.last_port).contains(&port.into())
    }
}

/// Whether a network, of an address and a number of leading bits, has this address. An unspecified address, 0.0.0.0 or
/// `::`, stands for all addresses of the machine, so it is in no network but that of all addresses and that of itself.
pub fn has_address(network: &[u8], bits: u64, address: IpAddr) -> bool {
    let (ipv4, ipv6);
    let octets: &[u8] = match address {
        IpAddr::V4(address) => {
            ipv4 = address.octets();
            &ipv4
        }
        IpAddr::V6(address) => {
            ipv6 = address.octets();
            &ipv6
        }
    };
    let all = 8 * octets.len() as u64;
    if network.len() != octets.len() || bits > all {
        return false;
    }
    if address.is_unspecified() && bits != 0 && bits != all {
        return false;
    }
    let mut left = bits;
    network.iter().zip(octets).all(|(ours, theirs)| {
        let compared = left.min(8);
        left -= compared;
        // The leading `compared` bits differ if the others don't hide that.
        u32::from(ours ^ theirs) >> (8 - compared) == 0
    })
}

/// Whether a grant of the kind [`NetworkGrant::NAME`] or [`NetworkGrant::NAMES_BELOW`] has a name, which has no dot at its
/// end.
pub fn has_name(kind: u64, host: &[u8], name: &[u8]) -> bool {
    match kind {
        NetworkGrant::NAME => name.eq_ignore_ascii_case(host),
        NetworkGrant::NAMES_BELOW => match name.len().checked_sub(host.len()).map(|at| name.split_at(at)) {
            Some((below, name)) => {
                below.len() > 1 && below.ends_with(b".") && name.eq_ignore_ascii_case(host)
            }
            None => false,
        },
        _ => false,
    }
}

/// Whether this can be the name of a host. What a resolver could take for an address (`127.1`, `0x7f000001`) isn't one.
pub fn is_name(name: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let last = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let is_number = last.iter().all(u8::is_ascii_digit) || last.starts_with(b"0x") || last.starts_with(b"0X");
    name.len() <= 253 && !is_number && name.split(|&byte| byte == b'.').all(is_label)
}

/// Whether a grant by a name is one of the address that a lookup found for the name. Addresses of the machine itself, of
/// its links, and at which clouds keep a machine's secrets are granted as addresses only: whoever answers lookups for a
/// name mustn't choose among them. The exception is `localhost`.
pub fn may_stand_for(name: &[u8], address: IpAddr) -> bool {
    if address.to_canonical().is_loopback() {
        return has_name(NetworkGrant::NAME, b"localhost", name)
            || has_name(NetworkGrant::NAMES_BELOW, b"localhost", name);
    }
    match translated(address) {
        IpAddr::V4(address) => {
            let octets = address.octets();
            octets[0] != 0
                && !octets.starts_with(&PROTOCOL_ASSIGNMENTS)
                && !METADATA_IPV4.contains(&address)
                && !address.is_loopback()
                && !address.is_link_local()
                && !address.is_multicast()
                && !address.is_broadcast()
        }
        IpAddr::V6(address) => {
            !address.segments().starts_with(&LOCAL_NAT64)
                && !METADATA_IPV6.contains(&address)
                && !address.is_unicast_link_local()
                && !address.is_multicast()
        }
    }
}

/// The network 192.0.0.0/24 (RFC 6890), in which Oracle's cloud has its metadata.
const PROTOCOL_ASSIGNMENTS: [u8; 3] = [192, 0, 0];

/// Metadata of Alibaba's cloud and the service of Azure for its machines, outside of networks that are refused anyway.
const METADATA_IPV4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];

/// Metadata of Amazon's and Google's clouds.
const METADATA_IPV6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// The network 64:ff9b:1::/48 (RFC 8215), whose addresses a gateway translates to IPv4 addresses. Where they are in it is
/// the gateway's affair, so what an address stands for can't be told.
const LOCAL_NAT64: [u16; 3] = [0x64, 0xff9b, 1];

/// The IPv4 address that an IPv6 address contains, if others translate it to that: IPv4-mapped and IPv4-compatible ones,
/// those for NAT64 (RFC 6052), and those of 6to4 (RFC 3056).
fn translated(address: IpAddr) -> IpAddr {
    let IpAddr::V6(ipv6) = address else { return address };
    match ipv6.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into(),
        _ => address,
    }
}

/// Whether an address is one of the deprecated ones that contain an IPv4 address behind 96 zeroes, or `::`.
fn is_ipv4_compatible(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0, 0, 0, 0, 0, 0, ..]) && !address.is_loopback()
}

/// Whether an IPv6 socket may use the address: not one that stands for an IPv4 address.
pub fn is_proper_ipv6(address: Ipv6Addr) -> bool {
    address.is_unspecified() || !is_ipv4_compatible(address) && address.to_ipv4_mapped().is_none()
}

/// Whether the address is that of one host.
pub fn is_unicast(address: IpAddr) -> bool {
    !address.is_multicast() && address != IpAddr::V4(Ipv4Addr::BROADCAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn network_has(network: &str, bits: u64, text: &str) -> bool {
        match address(network) {
            IpAddr::V4(network) => has_address(&network.octets(), bits, address(text)),
            IpAddr::V6(network) => has_address(&network.octets(), bits, address(text)),
        }
    }

    #[test]
    fn networks() {
        for (network, bits, inside, outside) in [
            ("10.0.0.0", 8, "10.255.0.1", "11.0.0.0"),
            ("10.0.0.1", 32, "10.0.0.1", "10.0.0.2"),
            ("192.168.128.0", 17, "192.168.255.255", "192.168.127.255"),
            ("10.1.2.3", 8, "10.9.9.9", "9.1.2.3"),
            ("0.0.0.0", 0, "255.255.255.255", "::"),
            ("2001:db8::", 33, "2001:db8:7fff::1", "2001:db8:8000::1"),
            ("::1", 128, "::1", "::2"),
            ("::", 0, "ffff::", "1.2.3.4"),
        ] {
            assert!(network_has(network, bits, inside), "{network}/{bits} has {inside}");
            assert!(!network_has(network, bits, outside), "{network}/{bits} doesn't have {outside}");
        }
        assert!(!network_has("10.0.0.0", 33, "10.0.0.0"), "too many bits");
        assert!(!has_address(&[], 0, address("1.2.3.4")));
    }

    /// An IPv6 address that stands for an IPv4 address is in none of its networks.
    #[test]
    fn families_are_apart() {
        for text in ["::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"] {
            assert!(!network_has("10.0.0.0", 8, text), "{text}");
            assert!(!network_has("0.0.0.0", 0, text), "{text}");
        }
        for text in ["::ffff:10.0.0.1", "::10.0.0.1", "::7f00:1", "::2"] {
            assert!(!is_proper_ipv6(text.parse().unwrap()), "{text}");
        }
        for text in ["::", "::1", "2001:db8::1", "fe80::1", "64:ff9b::a00:1"] {
            assert!(is_proper_ipv6(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn all_addresses_of_the_machine_are_in_no_smaller_network() {
        for (network, bits, text) in
            [("0.0.0.0", 0, "0.0.0.0"), ("0.0.0.0", 32, "0.0.0.0"), ("::", 0, "::"), ("::", 128, "::")]
        {
            assert!(network_has(network, bits, text), "{network}/{bits}");
        }
        for (network, bits, text) in
            [("0.0.0.0", 8, "0.0.0.0"), ("0.0.0.0", 1, "0.0.0.0"), ("::", 64, "::"), ("::1", 128, "::")]
        {
            assert!(!network_has(network, bits, text), "{network}/{bits}");
        }
    }

    #[test]
    fn ports() {
        let has = |first_port, last_port, port| {
            let host = Bytes { data: core::ptr::null(), length: 0 };
            NetworkGrant { operation: 0, kind: 0, host, bits: 0, first_port, last_port }.has_port(port)
        };
        assert!(has(8000, 8100, 8000) && has(8000, 8100, 8100) && has(80, 80, 80));
        assert!(!has(8000, 8100, 7999) && !has(8000, 8100, 8101));
        // One that the system chooses may be any.
        assert!(has(0, 65535, 0) && has(0, 0, 0));
        assert!(!has(1, 65535, 0) && !has(0, 0, 1));
    }

    #[test]
    fn names() {
        let exact = |host: &str, name: &str| has_name(NetworkGrant::NAME, host.as_bytes(), name.as_bytes());
        let below =
            |host: &str, name: &str| has_name(NetworkGrant::NAMES_BELOW, host.as_bytes(), name.as_bytes());
        assert!(exact("example.com", "EXAMPLE.com") && !exact("example.com", "www.example.com"));
        assert!(!exact("example.com", "example.com.evil.org") && !exact("example.com", "example"));
        assert!(below("example.com", "www.Example.com") && below("example.com", "a.b.example.com"));
        for other in ["example.com", ".example.com", "wwwexample.com", "com", "", "www.example.com.org"] {
            assert!(!below("example.com", other), "{other}");
        }
        assert!(!has_name(NetworkGrant::ANY, b"", b""));
    }

    #[test]
    fn what_could_be_an_address_is_no_name() {
        for name in
            ["a", "example.com", "xn--bcher-kva.example", "_sip._udp.a", "1e100.net", "0x.a", "3com.a-b"]
        {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for other in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "1",
            "1.2.3",
            "127.1",
            "2130706433",
            "a.1",
            "0x7f000001",
            "a.0X1",
            "a b",
            "a/b",
            "b\u{fc}cher.example",
            "a\0",
            "::1",
            "[::1]",
            "a:80",
        ] {
            assert!(!is_name(other.as_bytes()), "{other}");
        }
        assert!(is_name("a".repeat(63).as_bytes()) && !is_name("a".repeat(64).as_bytes()));
        assert!(!is_name("abc.".repeat(64).as_bytes()));
    }

    #[test]
    fn names_dont_grant_the_machine_itself() {
        for text in ["93.184.216.34", "10.0.0.1", "192.168.0.1", "2001:db8::1", "fd00::1"] {
            assert!(may_stand_for(b"example.com", address(text)), "{text}");
        }
        for text in [
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "192.0.1.1",
            "100.100.100.201",
            "fd00:ec2::255",
            "64:ff9b:2::",
        ] {
            assert!(may_stand_for(b"example.com", address(text)), "{text}");
        }
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::",
            "64:ff9b:1::93.184.216.34",
            "64:ff9b:1:a9fe:a9:fe00::",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "100.100.100.200",
            "::ffff:100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "64:ff9b::192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
        ] {
            assert!(!may_stand_for(b"example.com", address(text)), "{text}");
        }
        for name in ["localhost", "LOCALHOST", "a.localhost"] {
            assert!(may_stand_for(name.as_bytes(), address("127.0.0.1")), "{name}");
            assert!(may_stand_for(name.as_bytes(), address("::1")), "{name}");
            for text in ["169.254.169.254", "64:ff9b::127.0.0.1", "2002:7f00:1::"] {
                assert!(!may_stand_for(name.as_bytes(), address(text)), "{name}: {text}");
            }
        }
        assert!(!may_stand_for(b"localhost.example.com", address("127.0.0.1")));
    }

    #[test]
    fn unicast() {
        for text in ["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"] {
            assert!(!is_unicast(address(text)), "{text}");
        }
        assert!(is_unicast(address("10.255.255.255")) && is_unicast(address("::1")));
    }
}
