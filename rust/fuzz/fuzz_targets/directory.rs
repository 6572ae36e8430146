//! A directory whose clients send any frames.

#![no_main]

use libfuzzer_sys::fuzz_target;
use samovar_id::SteamId;
use samovar_lobby::{
    Command, Directory, DirectoryConfig, DirectoryId, LobbyKind, Millis, Persona, Presence,
    RichPresence, SealKey, ToDirectory, frame,
};

fuzz_target!(|input: &[u8]| {
    let mut now = Millis(1_700_000_000_000);
    let key = SealKey::from_seed(&[1; 32]).expect("any 32 bytes are a seed");
    let mut directory = Directory::new(DirectoryConfig::default(), DirectoryId(1), 1, [1; 32], key);
    let users = [1, 2, 3].map(|number| SteamId::individual((7 << 32) | number));
    let presence = |user: SteamId, instance: u64| Presence {
        app_id: 480,
        persona: Persona::named(format!("{user}")),
        rich_presence: RichPresence::new(),
        instance,
        machine: 1,
        is_returning: false,
        is_asking: false,
    };
    for user in users {
        let _ = directory.connect(now, user, presence(user, 1), Vec::new());
    }
    let create = Command::Create {
        request: 1,
        kind: LobbyKind::Public,
        limit: 2,
    };
    directory.handle(now, users[0], create);
    let mut rest = input;
    while let [who, len, data @ ..] = rest {
        let len = usize::from(*len).min(data.len());
        let (data, after) = data.split_at(len);
        rest = after;
        let user = users[usize::from(*who) % users.len()];
        // Plain frames, so that the fuzzer need not learn to deflate first; and whole ones.
        let plain: Vec<u8> = [&[0], data].concat();
        for bytes in [&plain[..], data] {
            match frame::decode::<ToDirectory>(bytes) {
                Ok(ToDirectory::Hello(hello)) => {
                    let presence = Presence {
                        persona: hello.persona,
                        rich_presence: hello.rich_presence,
                        ..presence(user, hello.instance)
                    };
                    let _ = directory.connect(now, user, presence, hello.resume);
                }
                Ok(ToDirectory::Command(command)) => directory.handle(now, user, command),
                Ok(ToDirectory::Bye) => directory.bye(now, user, 1),
                Err(_) => {}
            }
        }
        now = now.plus(u64::from(*who) * 50);
        directory.handle_timeout(now);
        while directory.poll_output().is_some() {}
        for lobby in directory.lobbies() {
            assert!(lobby.member(lobby.owner).is_some(), "an owner is a member");
            assert!(lobby.members.len() <= 250);
        }
    }
});
