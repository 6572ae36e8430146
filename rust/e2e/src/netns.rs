//! A small network of "machines": Linux network namespaces on a bridge, without touching the
//! host's own interfaces.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Machines on one switch. Removed on drop.
pub struct Lan {
    switch: String,
    machines: Vec<String>,
}

impl Lan {
    /// Why no network can be built here, if so: it needs root (or `CAP_NET_ADMIN`) and `ip`.
    #[must_use]
    pub fn unavailable() -> Option<String> {
        let name = unique("probe");
        let reason = match ip(&["netns", "add", &name]) {
            Ok(()) => None,
            Err(reason) => Some(format!(
                "network namespaces need root and iproute2: {reason}"
            )),
        };
        // There may be nothing to remove.
        let _ = ip(&["netns", "del", &name]);
        reason
    }

    /// A bridge with `count` machines (at most 200), numbered from 0, addresses 10.77.0.1 and up.
    ///
    /// # Panics
    /// If an `ip` command fails.
    #[must_use]
    pub fn new(count: usize) -> Lan {
        let mut lan = Lan {
            switch: unique("sw"),
            machines: Vec::new(),
        };
        must(&["netns", "add", &lan.switch]);
        let switch = lan.switch.clone();
        must(&[
            "-n",
            &switch,
            "link",
            "add",
            "br0",
            "type",
            "bridge",
            "mcast_snooping",
            "0",
        ]);
        must(&["-n", &switch, "link", "set", "br0", "up"]);
        for index in 0..count {
            let machine = unique("m");
            lan.machines.push(machine.clone());
            let port = format!("port{index}");
            must(&["netns", "add", &machine]);
            must(&["-n", &machine, "link", "set", "lo", "up"]);
            must(&[
                "-n", &machine, "link", "add", "eth0", "type", "veth", "peer", "name", &port,
                "netns", &switch,
            ]);
            must(&["-n", &switch, "link", "set", &port, "master", "br0", "up"]);
            let address = format!("10.77.0.{}/24", index + 1);
            must(&["-n", &machine, "addr", "add", &address, "dev", "eth0"]);
            must(&["-n", &machine, "link", "set", "eth0", "up"]);
        }
        lan
    }

    /// The words that run a command on a machine.
    #[must_use]
    pub fn on(&self, machine: usize) -> [&str; 4] {
        ["ip", "netns", "exec", &self.machines[machine]]
    }

    /// Pulls (`false`) or plugs (`true`) a machine's cable at the switch's end, so that the
    /// machine keeps its address, as behind a real switch that lost its uplink.
    ///
    /// # Panics
    /// If the `ip` command fails.
    pub fn set_link(&self, machine: usize, up: bool) {
        let port = format!("port{machine}");
        // Without its bridge the port drops every frame, while the carrier stays.
        if up {
            must(&["-n", &self.switch, "link", "set", &port, "master", "br0"]);
        } else {
            must(&["-n", &self.switch, "link", "set", &port, "nomaster"]);
        }
    }

    /// Takes a machine's own interface down or up, as an operating system does that noticed.
    ///
    /// # Panics
    /// If the `ip` command fails.
    pub fn set_interface(&self, machine: usize, up: bool) {
        let state = if up { "up" } else { "down" };
        must(&["-n", &self.machines[machine], "link", "set", "eth0", state]);
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for name in self.machines.iter().chain([&self.switch]) {
            // A namespace that was never made cannot be removed, and that is fine.
            let _ = ip(&["netns", "del", name]);
        }
    }
}

/// A name that no other process and no other network of this process uses.
fn unique(kind: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("samovar-{}-{kind}{number}", std::process::id())
}

fn must(args: &[&str]) {
    if let Err(reason) = ip(args) {
        panic!("{reason}");
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip")
        .args(args)
        .output()
        .map_err(|error| format!("no `ip` command: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("ip {}: {}", args.join(" "), said.trim()))
}
