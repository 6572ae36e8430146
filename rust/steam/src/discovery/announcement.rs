//! What is announced, and how it stands in DNS records.

use std::net::{IpAddr, SocketAddr};

use mdns_sd::{ResolvedService, ServiceInfo};

use crate::hex;

/// The DNS-SD type of a directory.
pub(super) const SERVICE_TYPE: &str = "_samovar._udp.local.";
/// Most addresses kept of a neighbour.
pub const MAX_NEIGHBOUR_ADDRS: usize = 16;

/// A directory, as its host announces it on the LAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The app whose users it takes.
    pub app_id: u32,
    /// The directory's random ID.
    pub directory: u64,
    /// The directory's term.
    pub term: u64,
    /// The Ed25519 public key that its host must prove to hold.
    pub key: [u8; 32],
    /// The version of the protocol that it speaks.
    pub protocol: u16,
    /// The UDP port that it listens on; not 0.
    pub port: u16,
}

/// A directory that somebody else announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The number that its announcer has chosen; random. Who announces something else keeps it.
    pub announcer: u64,
    /// What was announced. The announcer is unknown, so nothing in it is proven.
    pub announcement: Announcement,
    /// Where it listens: IPv4, loopback first; 1 to [`MAX_NEIGHBOUR_ADDRS`].
    pub addrs: Vec<SocketAddr>,
}

/// The name of one announcement of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Random for each process.
    pub(super) tag: u64,
    /// Grows with each change of what the process announces.
    pub(super) version: u64,
}

impl Label {
    fn instance(self) -> String {
        format!("{:016x}-{}", self.tag, self.version)
    }

    /// As the daemon names the announcement.
    pub(super) fn full_name(self) -> String {
        format!("{}.{SERVICE_TYPE}", self.instance())
    }

    /// `None`: not the name of one of ours.
    pub(super) fn from_full_name(name: &str) -> Option<Self> {
        let (tag, version) = name
            .strip_suffix(SERVICE_TYPE)?
            .strip_suffix('.')?
            .split_once('-')?;
        let label = Self {
            tag: u64::from_str_radix(tag, 16).ok()?,
            version: version.parse().ok()?,
        };
        (label.full_name() == name).then_some(label)
    }
}

impl Announcement {
    pub(super) fn to_service(self, label: Label) -> mdns_sd::Result<ServiceInfo> {
        let properties = [
            ("app", self.app_id.to_string()),
            ("id", format!("{:016x}", self.directory)),
            ("term", self.term.to_string()),
            ("key", hex::encode(&self.key)),
            ("v", self.protocol.to_string()),
        ];
        // Of its own too: the goodbye of an earlier announcement takes that one's addresses along.
        let host = format!("samovar-{}.local.", label.instance());
        let service = ServiceInfo::new(
            SERVICE_TYPE,
            &label.instance(),
            &host,
            (),
            self.port,
            &properties[..],
        )?;
        let mut service = service.enable_addr_auto();
        // The names are random: asking whether somebody else has them would cost 750 ms.
        service.set_requires_probe(false);
        Ok(service)
    }
}

impl Neighbour {
    /// `None` when a field is missing or malformed, or no address is usable.
    pub(super) fn from_service(announcer: u64, service: &ResolvedService) -> Option<Self> {
        let text = |key| service.get_property_val_str(key);
        let announcement = Announcement {
            app_id: text("app")?.parse().ok()?,
            directory: u64::from_str_radix(text("id")?, 16).ok()?,
            term: text("term")?.parse().ok()?,
            key: hex::decode(text("key")?)?.try_into().ok()?,
            protocol: text("v")?.parse().ok()?,
            port: service.get_port(),
        };
        if announcement.port == 0 {
            return None;
        }
        let mut addrs: Vec<IpAddr> = service
            .get_addresses_v4()
            .into_iter()
            .filter(|ip| is_host(*ip))
            .map(IpAddr::V4)
            .collect();
        addrs.sort_by_key(|ip| (!ip.is_loopback(), *ip));
        addrs.truncate(MAX_NEIGHBOUR_ADDRS);
        let addrs: Vec<_> = addrs
            .into_iter()
            .map(|ip| SocketAddr::new(ip, announcement.port))
            .collect();
        (!addrs.is_empty()).then_some(Self {
            announcer,
            announcement,
            addrs,
        })
    }
}

/// Whether the address can be one host's.
fn is_host(ip: std::net::Ipv4Addr) -> bool {
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNOUNCEMENT: Announcement = Announcement {
        app_id: 480,
        directory: 0xff00_0000_0000_0001,
        term: 3,
        key: [0xab; 32],
        protocol: 1,
        port: 4000,
    };
    const LABEL: Label = Label {
        tag: 0xabcd,
        version: 12,
    };

    /// As the daemon of another machine would have it.
    fn resolved(announcement: Announcement, addrs: &str) -> ResolvedService {
        let service = announcement.to_service(LABEL).unwrap();
        let properties = service.get_properties().clone().into_property_map_str();
        let host = service.get_hostname();
        ServiceInfo::new(
            SERVICE_TYPE,
            &LABEL.instance(),
            host,
            addrs,
            announcement.port,
            properties,
        )
        .unwrap()
        .as_resolved_service()
    }

    #[test]
    fn an_announcement_survives_its_records() {
        let service = resolved(
            ANNOUNCEMENT,
            "192.168.1.7,127.0.0.1,224.0.0.1,0.0.0.0,fe80::1",
        );
        assert_eq!(service.get_fullname(), LABEL.full_name());
        assert_eq!(
            Neighbour::from_service(7, &service),
            Some(Neighbour {
                announcer: 7,
                announcement: ANNOUNCEMENT,
                addrs: vec![
                    "127.0.0.1:4000".parse().unwrap(),
                    "192.168.1.7:4000".parse().unwrap()
                ],
            })
        );
    }

    #[test]
    fn records_that_cannot_be_used_are_refused() {
        assert_eq!(
            Neighbour::from_service(7, &resolved(ANNOUNCEMENT, "224.0.0.1")),
            None
        );
        assert_eq!(
            Neighbour::from_service(
                7,
                &resolved(
                    Announcement {
                        port: 0,
                        ..ANNOUNCEMENT
                    },
                    "10.0.0.1"
                )
            ),
            None
        );
        for (key, value) in [
            ("app", ""),
            ("app", "4294967296"),
            ("id", "x"),
            ("term", "-1"),
            ("key", "abcd"),
            ("v", "70000"),
            ("v", ""),
        ] {
            let good = ANNOUNCEMENT.to_service(LABEL).unwrap();
            let mut properties = good.get_properties().clone().into_property_map_str();
            properties.insert(key.to_owned(), value.to_owned());
            let service =
                ServiceInfo::new(SERVICE_TYPE, "a", "a.local.", "10.0.0.1", 7, properties).unwrap();
            assert_eq!(
                Neighbour::from_service(7, &service.as_resolved_service()),
                None,
                "{key}={value}"
            );
        }
    }

    #[test]
    fn labels_survive_and_foreign_names_are_refused() {
        assert_eq!(Label::from_full_name(&LABEL.full_name()), Some(LABEL));
        for bad in [
            "",
            "a._samovar._udp.local.",
            "000000000000abcd-012._samovar._udp.local.",
            "abcd-1._samovar._udp.local.",
        ] {
            assert_eq!(Label::from_full_name(bad), None, "{bad}");
        }
    }
}
