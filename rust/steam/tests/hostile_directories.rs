//! Strangers on the LAN announce directories that are not there, or that refuse whoever comes: honest players meet all
//! the same. Network namespaces, as root on Linux.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use samovar_lobby::{
    DirectoryId, Event, FromDirectory, PROTOCOL_VERSION, Refusal, ToDirectory, frame,
};
use samovar_net::{
    Driver, Endpoint, EndpointConfig, EndpointEvent, Identity, SessionConfig, Sessions, Wake,
};
use samovar_steam::discovery::{Announcement, Discovery};
use samovar_steam::{Callback, LobbyKind, MAX_TERM, StartConfig, Steam};
use support::lan::Lan;
use support::{Process, role, say, told};

const SOON: Duration = Duration::from_secs(20);
/// Directories that are not there cost a second each, some at a time, and machines remind each other each 5 s.
const PATIENCE: Duration = Duration::from_secs(60);
const APP: u32 = 480;

/// A game on the LAN: makes a lobby, searches, and says what it hears.
#[test]
fn role_player() {
    let Some(dir) = role("player") else { return };
    let steam = Steam::start(StartConfig {
        data_dir: Some(dir),
        ..StartConfig::new(APP)
    })
    .unwrap();
    let (sender, lines) = channel();
    std::thread::spawn(move || told().for_each(|line| sender.send(line).unwrap()));
    say("ready");
    loop {
        match lines.try_recv() {
            Ok(line) if line == "host" => drop(steam.create_lobby(LobbyKind::Public, 4).unwrap()),
            Ok(line) if line == "search" => steam.request_lobby_list().unwrap(),
            Ok(line) => panic!("what is {line}?"),
            Err(TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(5)),
            Err(TryRecvError::Disconnected) => return,
        }
        while let Some(callback) = steam.next_callback() {
            match callback {
                Callback::LobbyMatchList { lobbies } => say(&format!("found {}", lobbies.len())),
                Callback::LobbyCreated { result, .. } => say(&format!("created {result}")),
                Callback::ServersConnected => say("connected"),
                Callback::ServerConnectFailure { result, retrying } => {
                    say(&format!("failed {result} {retrying}"));
                }
                _ => {}
            }
        }
    }
}

/// A stranger that announces as many directories as it is told, of a term, where nobody listens.
#[test]
fn role_announcer() {
    if role("announcer").is_none() {
        return;
    }
    let daemon = mdns_sd::ServiceDaemon::new().unwrap();
    for line in told() {
        let (count, term) = line.split_once(' ').unwrap();
        for number in 0..count.parse().unwrap() {
            let key = "09".repeat(32);
            let properties = [
                ("id", format!("{number:016x}")),
                ("term", term.to_owned()),
                ("key", key),
                ("app", APP.to_string()),
                ("v", PROTOCOL_VERSION.to_string()),
            ];
            let service = mdns_sd::ServiceInfo::new(
                "_samovar._udp.local.",
                &format!("{number:016x}-1"),
                &format!("samovar-{number:016x}.local."),
                "10.9.0.3",
                4000,
                &properties[..],
            );
            let mut service = service.unwrap();
            service.set_requires_probe(false);
            daemon.register(service).unwrap();
        }
        say("announced");
    }
}

fn refusal(name: &str) -> Refusal {
    match name {
        "Full" => Refusal::Full,
        "ElsewhereOnline" => Refusal::ElsewhereOnline,
        "ProtocolMismatch" => Refusal::ProtocolMismatch,
        "OtherApp" => Refusal::OtherApp,
        "BadIdentity" => Refusal::BadIdentity,
        _ => Refusal::Protocol,
    }
}

/// A stranger with a directory that holds its key, and refuses everybody: at once, or after a welcome. Or it welcomes and does
/// nothing more: stays silent, never admits a link, closes each, or says that it has handled what it does not answer. Or it
/// welcomes who only asks, and closes the link of whoever comes.
#[test]
fn role_refuser() {
    if role("refuser").is_none() {
        return;
    }
    let line = told().next().unwrap();
    let (reason, when) = line.split_once(' ').unwrap();
    let (reason, welcomes) = (refusal(reason), when != "at-once");
    std::thread::spawn(|| {
        // Its parent is gone.
        told().for_each(drop);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let identity = Arc::new(Identity::generate());
        let sessions = Sessions::new(SessionConfig::default(), identity.steam_id(), 1);
        let config = EndpointConfig {
            app_id: APP,
            ..EndpointConfig::default()
        };
        let sessions = Arc::new(Mutex::new(sessions));
        let endpoint = Endpoint::new(config, Arc::clone(&identity), sessions, [1; 32]);
        let unspecified = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let mut driver = Driver::bind(unspecified, endpoint).unwrap();
        driver.endpoint().set_hosting(true);
        let (directory, term) = (77, 1000);
        let mut discovery = Discovery::start(true, APP).unwrap();
        discovery.announce(&Announcement {
            app_id: APP,
            directory,
            term,
            key: identity.public_key().0,
            protocol: PROTOCOL_VERSION,
            port: driver.local_addr().unwrap().port(),
        });
        say("announced");
        let wake = Wake::default();
        loop {
            tokio::select! {
                () = driver.turn(&wake) => {}
                _ = discovery.next() => {}
            }
            let now = Instant::now();
            driver.endpoint().pump(now);
            while let Some(event) = driver.endpoint().poll_event() {
                let EndpointEvent::LinkFrame { link, frame: bytes } = event else {
                    continue;
                };
                let message = frame::decode::<ToDirectory>(&bytes);
                let is_hello = matches!(message, Ok(ToDirectory::Hello(_)));
                let comes = matches!(&message, Ok(ToDirectory::Hello(hello)) if !hello.is_asking);
                if is_hello {
                    say("greeted");
                    if comes && when == "closes-unwelcomed" {
                        driver.endpoint().close_link(now, link, 0);
                        continue;
                    }
                    if welcomes && when != "never-admits" {
                        driver.endpoint().admit_link(now, link);
                    }
                }
                let welcome = FromDirectory::Welcome {
                    directory: DirectoryId(directory),
                    term,
                    time_ms: 1_700_000_000_000,
                    protocol: PROTOCOL_VERSION,
                    age_ms: 0,
                    handled: 0,
                };
                let answer = match when {
                    _ if is_hello && welcomes => welcome,
                    "silent" | "never-admits" | "closes" | "closes-unwelcomed" => continue,
                    "answers-nothing" => FromDirectory::Event(Event::Handled),
                    _ => FromDirectory::Refused(reason),
                };
                let answer = frame::encode(&answer).unwrap();
                driver.endpoint().send_frame(link, &answer).unwrap();
                if when == "closes" {
                    driver.endpoint().close_link(now, link, 0);
                }
            }
            driver.endpoint().pump(now);
            driver.flush();
        }
    });
}

/// Two machines `a` and `b`, each with a player.
fn players(lan: &Lan, dir: &Path) -> [Process; 2] {
    ['a', 'b'].map(|machine| {
        let dir = dir.join(machine.to_string());
        let mut player = Process::start("player", &dir, Some(&lan.namespace(machine)));
        player.expect("ready", SOON);
        player
    })
}

/// The same, where the first may be told in the meantime that there is no lobby: then it makes another.
fn meet_in_the_end([a, b]: &mut [Process; 2]) -> Duration {
    let start = Instant::now();
    a.tell("host");
    loop {
        assert!(start.elapsed() < PATIENCE, "they do not meet");
        match a.wait_for("created", Duration::from_millis(200)).as_deref() {
            None | Some("created 1") => {}
            Some(_) => a.tell("host"),
        }
        b.tell("search");
        let found = b.wait_for("found", PATIENCE);
        if found.as_deref() == Some("found 1") {
            return start.elapsed();
        }
    }
}

/// The first makes a lobby, the second finds it sooner or later. After how long.
fn meet([a, b]: &mut [Process; 2]) -> Duration {
    let start = Instant::now();
    a.tell("host");
    a.expect("created 1", PATIENCE);
    loop {
        // Who asks nothing is refused nothing.
        a.tell("search");
        b.tell("search");
        let found = b.wait_for("found", SOON);
        if found.as_deref() == Some("found 1") {
            return start.elapsed();
        }
        assert!(start.elapsed() < PATIENCE, "they do not meet");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn directories_that_are_announced_and_not_there_keep_no_two_machines_apart() {
    for (count, term) in [(1, u64::MAX), (100, u64::MAX), (100, MAX_TERM), (100, 1000)] {
        let Some(lan) = Lan::new("n") else { return };
        let dir = tempfile::tempdir().unwrap();
        let stranger = lan.namespace('c');
        let mut stranger = Process::start("announcer", Path::new("/"), Some(&stranger));
        stranger.tell(&format!("{count} {term}"));
        stranger.expect("announced", SOON);
        let after = meet(&mut players(&lan, dir.path()));
        println!("{count} announcements of term {term}: met after {after:?}");
    }
}

#[test]
fn a_directory_that_refuses_everybody_keeps_no_two_machines_apart() {
    let reasons = [
        "Full",
        "ElsewhereOnline",
        "ProtocolMismatch",
        "BadIdentity",
        "Protocol",
    ];
    for reason in reasons {
        for when in ["at-once", "welcomed"] {
            let Some(lan) = Lan::new("r") else { return };
            let dir = tempfile::tempdir().unwrap();
            let stranger = lan.namespace('c');
            let mut stranger = Process::start("refuser", Path::new("/"), Some(&stranger));
            stranger.tell(&format!("{reason} {when}"));
            stranger.expect("announced", SOON);
            let mut players = players(&lan, dir.path());
            stranger.expect("greeted", PATIENCE);
            let after = meet(&mut players);
            println!("refused as {reason}, {when}: met after {after:?}");
        }
    }
}

#[test]
fn a_directory_that_welcomes_and_then_does_nothing_keeps_no_two_machines_apart() {
    let kinds = [
        "silent",
        "never-admits",
        "closes",
        "closes-unwelcomed",
        "answers-nothing",
    ];
    for when in kinds {
        let Some(lan) = Lan::new("q") else { return };
        let dir = tempfile::tempdir().unwrap();
        let stranger = lan.namespace('c');
        let mut stranger = Process::start("refuser", Path::new("/"), Some(&stranger));
        stranger.tell(&format!("None {when}"));
        stranger.expect("announced", SOON);
        let mut players = players(&lan, dir.path());
        stranger.expect("greeted", PATIENCE);
        // Both are its users, if it takes any.
        std::thread::sleep(Duration::from_secs(3));
        let after = meet_in_the_end(&mut players);
        println!("{when}: met after {after:?}");
    }
}

#[test]
fn a_game_that_is_refused_hears_of_it_and_then_that_it_is_connected_again() {
    let Some(lan) = Lan::new("h") else { return };
    let dir = tempfile::tempdir().unwrap();
    let stranger = lan.namespace('c');
    let mut stranger = Process::start("refuser", Path::new("/"), Some(&stranger));
    stranger.tell("Full welcomed");
    stranger.expect("announced", SOON);
    let mut player = Process::start("player", dir.path(), Some(&lan.namespace('a')));
    player.expect("ready", SOON);
    // The stranger welcomes, and refuses the first that is asked of it.
    stranger.expect("greeted", PATIENCE);
    stranger.expect("greeted", PATIENCE);
    player.tell("search");
    assert_eq!(player.expect("failed", PATIENCE), "failed 2 true");
    player.expect("connected", SOON);
}
