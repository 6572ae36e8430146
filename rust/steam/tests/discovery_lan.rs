//! Directories find each other on a LAN: two network namespaces on a bridge, as root on Linux.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod support;

use std::path::Path;
use std::time::Duration;

use samovar_steam::discovery::{Announcement, Discovered, Discovery, local_addresses};
use support::lan::{Lan, ip};
use support::{Process, role, say, told};

const SOON: Duration = Duration::from_secs(10);
const APP: u32 = 480;
/// `discovery::REPEAT`, and the slack of a loaded machine.
const AFTER_A_CUT: Duration = Duration::from_secs(12);

fn announcement(app_id: u32, directory: u64, term: u64) -> Announcement {
    Announcement {
        app_id,
        directory,
        term,
        key: [9; 32],
        protocol: 1,
        port: 4000,
    }
}

/// Tells what it finds; announces and withdraws when told.
#[test]
fn role_machine() {
    if role("machine").is_some() {
        run_machine(APP);
    }
}

/// The same with another game.
#[test]
fn role_other_app() {
    if role("other_app").is_some() {
        run_machine(APP + 1);
    }
}

fn run_machine(app_id: u32) {
    let (sender, mut lines) = tokio::sync::mpsc::channel(10);
    std::thread::spawn(move || told().for_each(|line| sender.blocking_send(line).unwrap()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut discovery = Discovery::start(true, app_id).unwrap();
        say("ready");
        loop {
            tokio::select! {
                line = lines.recv() => match line.as_deref().map(|line| line.split_once(' ')) {
                    Some(Some((directory, term))) => {
                        discovery.announce(&announcement(app_id, directory.parse().unwrap(), term.parse().unwrap()));
                    }
                    Some(None) => discovery.withdraw(),
                    None => return,
                },
                discovered = discovery.next() => match discovered {
                    Discovered::Found(found) => {
                        let Announcement { directory, term, .. } = found.announcement;
                        assert_eq!(found.announcement, announcement(app_id, directory, term));
                        say(&format!("found {directory} {term} {:?}", found.addrs));
                    }
                    Discovered::Lost(lost) => say(&format!("lost {}", lost.announcement.directory)),
                },
            }
        }
    });
}

fn machine(lan: &Lan, machine: char) -> Process {
    start("machine", lan, machine)
}

fn start(role: &str, lan: &Lan, machine: char) -> Process {
    let mut process = Process::start(role, Path::new("/"), Some(&lan.namespace(machine)));
    process.expect("ready", SOON);
    process
}

#[test]
fn two_machines_find_each_other_and_notice_changes_and_goodbyes() {
    let Some(lan) = Lan::new("f") else { return };
    let (mut a, mut b) = (machine(&lan, 'a'), machine(&lan, 'b'));
    a.tell("100 1");
    let found = b.expect("found 100 1 ", SOON);
    assert_eq!(found, "found 100 1 [10.9.0.1:4000]");
    b.tell("200 1");
    assert_eq!(
        a.expect("found 200 1 ", SOON),
        "found 200 1 [10.9.0.2:4000]"
    );
    a.tell("100 2");
    b.expect("found 100 2 ", SOON);
    a.tell("withdraw");
    b.expect("lost 100", SOON);
    // One that starts later finds what is announced already, also on the same machine.
    // On the same machine the address of the LAN and the loopback one may come in turn.
    let mut late = machine(&lan, 'b');
    late.expect("found 200 1 ", SOON);
    late.expect("found 200 1 [127.0.0.1:4000, 10.9.0.2:4000]", SOON);
}

#[test]
fn games_of_two_apps_do_not_find_each_other() {
    let Some(lan) = Lan::new("a") else { return };
    let (mut a, mut b) = (machine(&lan, 'a'), machine(&lan, 'b'));
    let mut others = ['a', 'b'].map(|machine| start("other_app", &lan, machine));
    a.tell("100 1");
    others[0].tell("300 9");
    others[1].expect("found 300 9 ", SOON);
    b.tell("200 1");
    // What comes first is of the same app.
    let found = a.expect("found", SOON);
    assert!(found.starts_with("found 200 1 "), "{found}");
    let found = b.expect("found", SOON);
    assert!(found.starts_with("found 100 1 "), "{found}");
    others[0].tell("withdraw");
    others[1].expect("lost 300", SOON);
    assert_eq!(a.wait_for("lost", Duration::from_secs(1)), None);
}

/// As a machine does that followed a directory which refused it.
#[test]
fn who_withdraws_and_announces_again_at_once_is_found() {
    let Some(lan) = Lan::new("w") else { return };
    let (mut a, mut b) = (machine(&lan, 'a'), machine(&lan, 'b'));
    let mut number = 100;
    for pause in [0, 10, 30, 100, 300, 1200] {
        a.tell(&format!("{number} 1"));
        b.expect(&format!("found {number} 1"), SOON);
        a.tell("withdraw");
        std::thread::sleep(Duration::from_millis(pause));
        number += 1;
        a.tell(&format!("{number} 1"));
        b.expect(&format!("found {number} 1"), SOON);
        a.tell("withdraw");
        b.expect(&format!("lost {number}"), SOON);
        number += 1;
    }
}

#[test]
fn machines_find_each_other_again_after_a_cut_that_none_of_them_saw() {
    let Some(lan) = Lan::new("c") else { return };
    let (mut a, mut b) = (machine(&lan, 'a'), machine(&lan, 'b'));
    a.tell("100 1");
    b.expect("found 100 1 ", SOON);
    lan.connected(false);
    // Each becomes its own host meanwhile; one of them under the ID that the other one knows.
    a.tell("100 7");
    b.tell("200 1");
    assert_eq!(a.wait_for("found 200", Duration::from_secs(3)), None);
    lan.connected(true);
    a.expect("found 200 1 ", AFTER_A_CUT);
    b.expect("found 100 7 ", AFTER_A_CUT);
}

#[test]
fn machines_find_each_other_again_after_a_link_was_down() {
    let Some(lan) = Lan::new("d") else { return };
    let (mut a, mut b) = (machine(&lan, 'a'), machine(&lan, 'b'));
    a.tell("100 1");
    b.expect("found 100 1 ", SOON);
    let (namespace, switch) = (lan.namespace('a'), lan.namespace('s'));
    ip(&format!("-n {namespace} link set eth0 down"));
    a.tell("100 2");
    b.tell("200 1");
    assert_eq!(a.wait_for("found 200", Duration::from_secs(5)), None);
    ip(&format!("-n {namespace} link set eth0 up"));
    a.expect("found 200 1 ", AFTER_A_CUT);
    b.expect("found 100 2 ", AFTER_A_CUT);
    // A cable that is pulled at the switch.
    ip(&format!("-n {switch} link set dev port-b down"));
    a.tell("100 3");
    std::thread::sleep(Duration::from_secs(4));
    ip(&format!("-n {switch} link set dev port-b up"));
    b.expect("found 100 3 ", AFTER_A_CUT);
}

#[test]
fn two_processes_find_each_other_where_there_is_only_loopback() {
    let Some(lan) = Lan::new("l") else { return };
    ip(&format!("-n {} link del eth0", lan.namespace('a')));
    let (mut first, mut second) = (machine(&lan, 'a'), machine(&lan, 'a'));
    first.tell("100 1");
    assert_eq!(
        second.expect("found 100 1 ", SOON),
        "found 100 1 [127.0.0.1:4000]"
    );
    second.tell("200 1");
    assert_eq!(
        first.expect("found 200 1 ", SOON),
        "found 200 1 [127.0.0.1:4000]"
    );
}

#[test]
fn local_addresses_start_with_loopback() {
    let addresses = local_addresses(7, true);
    assert_eq!(addresses[0], "127.0.0.1:7".parse().unwrap());
    assert!(
        addresses
            .iter()
            .skip(1)
            .all(|address| !address.ip().is_loopback() && address.port() == 7)
    );
}
