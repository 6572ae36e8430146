//! A LAN of network namespaces, as root on Linux.

use std::process::Command;

pub(crate) fn ip(line: &str) {
    run("ip", line);
}

fn run(program: &str, line: &str) {
    let status = Command::new(program)
        .args(line.split(' '))
        .status()
        .unwrap();
    assert!(status.success(), "{program} {line}: {status}");
}

/// Three machines on a switch, as namespaces that go when this is dropped.
pub(crate) struct Lan {
    name: String,
}

impl Lan {
    /// `None` without the rights for it.
    pub(crate) fn new(test: &str) -> Option<Self> {
        let name = format!("sv{}{test}", std::process::id());
        let made = Command::new("ip")
            .args(["netns", "add", &format!("{name}s")])
            .output();
        if !made.is_ok_and(|made| made.status.success()) {
            eprintln!("skipped: needs root and iproute2");
            return None;
        }
        let lan = Self { name };
        let switch = lan.namespace('s');
        ip(&format!("-n {switch} link add name bridge0 type bridge"));
        ip(&format!("-n {switch} link set bridge0 up"));
        for (machine, address) in [
            ('a', "10.9.0.1/24"),
            ('b', "10.9.0.2/24"),
            ('c', "10.9.0.3/24"),
        ] {
            let namespace = lan.namespace(machine);
            ip(&format!("netns add {namespace}"));
            ip(&format!(
                "-n {switch} link add name port-{machine} type veth peer name eth0 netns {namespace}"
            ));
            ip(&format!(
                "-n {switch} link set dev port-{machine} master bridge0 up"
            ));
            ip(&format!("-n {namespace} addr add {address} dev eth0"));
            ip(&format!("-n {namespace} link set eth0 up"));
            ip(&format!("-n {namespace} link set lo up"));
        }
        Some(lan)
    }

    pub(crate) fn namespace(&self, of: char) -> String {
        format!("{}{of}", self.name)
    }

    /// Whether the switch lets `a` and `b` talk to each other; their own links stay up.
    pub(crate) fn connected(&self, connected: bool) {
        let isolated = if connected { "off" } else { "on" };
        for port in ['a', 'b'] {
            run(
                "bridge",
                &format!(
                    "-n {} link set dev port-{port} isolated {isolated}",
                    self.namespace('s')
                ),
            );
        }
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for of in ['a', 'b', 'c', 's'] {
            let _ = Command::new("ip")
                .args(["netns", "del", &self.namespace(of)])
                .status();
        }
    }
}
