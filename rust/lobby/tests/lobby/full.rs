//! A directory that has as many users as it takes.

use samovar_id::SteamId;
use samovar_lobby::{Directory, DirectoryConfig, DirectoryId, LobbyKind, Millis, Refusal};

use crate::abuse::{create, presence};
use crate::world::secrets;

#[test]
fn many_clients_together_have_a_bound_too() {
    let config = DirectoryConfig {
        max_users: 60,
        max_lobbies: 50,
        ..DirectoryConfig::default()
    };
    let (seed, key) = secrets(1);
    let mut directory = Directory::new(config, DirectoryId(1), 1, seed, key);
    let now = Millis(1_000_000);
    let mut refused = 0;
    for number in 0..200 {
        let id = SteamId::individual((8 << 32) | number);
        let connected = directory.connect(now, id, presence(number, 1), Vec::new());
        refused += usize::from(connected == Err(Refusal::Full));
        directory.handle(now, id, create(1, LobbyKind::Public, 4));
    }
    assert_eq!(directory.lobbies().count(), 50);
    assert_eq!(
        refused, 80,
        "twice as many as planned, absent ones included"
    );
}

#[test]
fn who_comes_and_goes_again_and_again_keeps_nobody_out() {
    let config = DirectoryConfig {
        max_users: 20,
        ..DirectoryConfig::default()
    };
    let (seed, key) = secrets(1);
    let mut directory = Directory::new(config, DirectoryId(1), 1, seed, key);
    let now = Millis(1_000_000);
    let user = |number: u64| SteamId::individual((8 << 32) | number);
    directory
        .connect(now, user(0), presence(0, 1), Vec::new())
        .expect("let in");
    directory.handle(now, user(0), create(1, LobbyKind::Public, 4));
    directory.disconnect(now, user(0), 0);
    for number in 1..2_000 {
        directory
            .connect(now, user(number), presence(number, 1), Vec::new())
            .expect("let in");
        directory.disconnect(now, user(number), number);
    }
    // But of who is away from a lobby nothing is forgotten.
    assert_eq!(directory.lobbies().count(), 1);
}
