//! A client whose directory sends any frames.

#![no_main]

use libfuzzer_sys::fuzz_target;
use samovar_id::SteamId;
use samovar_lobby::{FromDirectory, LobbyKind, Millis, Mirror, Persona, Welcome, frame};

fuzz_target!(|input: &[u8]| {
    let mut now = Millis(1_700_000_000_000);
    let me = SteamId::individual(7 << 32);
    let mut mirror = Mirror::new(me, 480, Persona::named("me"));
    let _ = mirror.create(now, LobbyKind::Public, 4);
    let mut rest = input;
    while let [pause, len, data @ ..] = rest {
        let len = usize::from(*len).min(data.len());
        let (data, after) = data.split_at(len);
        rest = after;
        let plain: Vec<u8> = [&[0], data].concat();
        for bytes in [&plain[..], data] {
            match frame::decode::<FromDirectory>(bytes) {
                Ok(FromDirectory::Event(event)) => mirror.handle_event(now, event),
                Ok(FromDirectory::Welcome {
                    directory,
                    term,
                    age_ms,
                    handled,
                    ..
                }) => {
                    let welcome = Welcome {
                        directory,
                        term,
                        age_ms,
                        handled,
                    };
                    mirror.on_welcome(now, welcome);
                }
                _ => {}
            }
        }
        now = now.plus(u64::from(*pause) * 100);
        mirror.handle_timeout(now);
        while mirror.poll_command(now).is_some() {}
        while mirror.poll_notice().is_some() {}
        for lobby in mirror.lobbies() {
            assert!(lobby.members.len() <= 250);
        }
    }
});
