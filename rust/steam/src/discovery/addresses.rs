//! The addresses under which this machine may be reached directly.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Most addresses that [`local_addresses`] gives.
pub const MAX_LOCAL_ADDRESSES: usize = 16;

/// This machine's IPv4 addresses with `port`: 127.0.0.1 first, and with `lan` those of its other interfaces.
///
/// Link-local addresses (169.254.0.0/16) are given only if the machine has no others. At most
/// [`MAX_LOCAL_ADDRESSES`]; private networks' come before others. Takes one system call or a few.
pub fn local_addresses(port: u16, lan: bool) -> Vec<SocketAddr> {
    let interfaces = if lan {
        if_addrs::get_if_addrs().unwrap_or_else(|error| {
            if crate::seldom::may_say("interfaces") {
                tracing::warn!(%error, "the network interfaces cannot be listed");
            }
            Vec::new()
        })
    } else {
        Vec::new()
    };
    candidates(interfaces.iter().map(if_addrs::Interface::ip))
        .into_iter()
        .map(|ip| SocketAddr::new(IpAddr::V4(ip), port))
        .collect()
}

fn candidates(ips: impl Iterator<Item = IpAddr>) -> Vec<Ipv4Addr> {
    let mut found: Vec<Ipv4Addr> = ips
        .filter_map(|ip| match ip {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        })
        .filter(|ip| !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast()))
        .collect();
    if !found.iter().all(Ipv4Addr::is_link_local) {
        found.retain(|ip| !ip.is_link_local());
    }
    found.sort_by_key(|ip| (!ip.is_private(), *ip));
    found.dedup();
    found.insert(0, Ipv4Addr::LOCALHOST);
    found.truncate(MAX_LOCAL_ADDRESSES);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ips: &[&str]) -> Vec<String> {
        candidates(ips.iter().map(|ip| ip.parse().unwrap()))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn loopback_comes_first_then_private_networks_then_others() {
        assert_eq!(
            of(&[
                "203.0.113.5",
                "::1",
                "192.168.1.2",
                "127.0.0.1",
                "fe80::1",
                "192.168.1.2",
                "10.0.0.1"
            ]),
            ["127.0.0.1", "10.0.0.1", "192.168.1.2", "203.0.113.5"]
        );
    }

    #[test]
    fn link_local_addresses_are_a_last_resort() {
        assert_eq!(of(&["169.254.3.4", "10.0.0.1"]), ["127.0.0.1", "10.0.0.1"]);
        assert_eq!(of(&["169.254.3.4"]), ["127.0.0.1", "169.254.3.4"]);
        assert_eq!(of(&[]), ["127.0.0.1"]);
    }

    #[test]
    fn a_machine_with_many_addresses_is_bounded() {
        let ips: Vec<IpAddr> = (0..100)
            .map(|n| IpAddr::V4(Ipv4Addr::new(10, 0, 0, n)))
            .collect();
        assert_eq!(candidates(ips.into_iter()).len(), MAX_LOCAL_ADDRESSES);
    }

    #[test]
    fn without_lan_there_is_only_loopback() {
        assert_eq!(local_addresses(7, false), ["127.0.0.1:7".parse().unwrap()]);
        assert_eq!(local_addresses(7, true)[0], "127.0.0.1:7".parse().unwrap());
    }
}
