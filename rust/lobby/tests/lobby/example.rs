//! The example in README.md, as games that are started at the same moment play it: they meet.

use samovar_id::SteamId;
use samovar_lobby::{Comparison, LobbyKind, Millis, Notice};

use crate::world::{APP, User, World};

/// Of the example, what decides who meets whom; [`Game`] does the same.
const SEARCHING: &str = r#"func _search() -> void:
	if Steam.getNumLobbyMembers(lobby) < 2:
		Steam.addRequestLobbyListStringFilter("mode", "duel", Steam.LOBBY_COMPARISON_EQUAL)
		Steam.requestLobbyList()


func _search_again() -> void:
	get_tree().create_timer(1.0).timeout.connect(_search)


func _on_lobby_match_list(lobbies: Array) -> void:
	lobbies.sort()
	if lobby == 0 and lobbies.is_empty():
		Steam.createLobby(Steam.LOBBY_TYPE_PUBLIC, 2)
	elif lobby == 0:
		Steam.joinLobby(lobbies[0])
	elif Steam.getNumLobbyMembers(lobby) < 2:
		# Who has started at the same moment has a lobby, too: the one with the lower ID stays.
		if not lobbies.is_empty() and lobbies[0] < lobby:
			Steam.leaveLobby(lobby)
			lobby = 0
			Steam.joinLobby(lobbies[0])
		else:
			_search_again()


func _on_lobby_joined(id: int, _permissions: int, _locked: bool, response: int) -> void:
	if response != Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		_search_again()
		return
	lobby = id
	if Steam.getLobbyOwner(lobby) == Steam.getSteamID():
		Steam.setLobbyData(lobby, "mode", "duel")
		_search_again()
		return
"#;

struct Game {
    user: User,
    lobby: Option<SteamId>,
    search_at: Option<Millis>,
}

impl Game {
    fn search(&mut self, world: &mut World) {
        let now = world.now;
        let mirror = world.mirror(self.user);
        if self.lobby.map_or(0, |lobby| mirror.member_count(lobby)) < 2 {
            let added = mirror.add_string_filter("mode", "duel", Comparison::Equal);
            added.expect("a filter");
            mirror.request_list(now).expect("room");
        }
    }

    fn search_again(&mut self, world: &World) {
        self.search_at = Some(world.now.plus(1_000));
    }

    fn process(&mut self, world: &mut World) {
        if self.search_at.is_some_and(|at| at <= world.now) {
            self.search_at = None;
            self.search(world);
        }
        for notice in world.notices(self.user) {
            match notice {
                Notice::LobbyMatchList { lobbies } => self.found(world, lobbies),
                Notice::LobbyJoined {
                    lobby, response, ..
                } => self.joined(world, lobby, response),
                _ => {}
            }
        }
    }

    fn found(&mut self, world: &mut World, mut lobbies: Vec<SteamId>) {
        lobbies.sort_unstable();
        let now = world.now;
        let mirror = world.mirror(self.user);
        match (self.lobby, lobbies.first().copied()) {
            (None, None) => mirror.create(now, LobbyKind::Public, 2).expect("room"),
            (None, Some(first)) => mirror.join(now, first).expect("a lobby"),
            (Some(lobby), first) if mirror.member_count(lobby) < 2 => {
                if let Some(first) = first.filter(|first| *first < lobby) {
                    mirror.leave(now, lobby).expect("in it");
                    self.lobby = None;
                    mirror.join(now, first).expect("a lobby");
                } else {
                    self.search_again(world);
                }
            }
            _ => {}
        }
    }

    fn joined(&mut self, world: &mut World, lobby: SteamId, response: u32) {
        if response != 1 {
            return self.search_again(world);
        }
        self.lobby = Some(lobby);
        let (now, me) = (world.now, world.id(self.user));
        let mirror = world.mirror(self.user);
        if mirror.owner(lobby) == Some(me) {
            mirror.set_data(now, lobby, "mode", "duel").expect("owner");
            self.search_again(world);
        }
    }
}

/// Plays so many games, each of which starts some steps after the one before; the sizes of the lobbies in the end.
fn play(games: usize, apart: usize) -> Vec<usize> {
    let mut world = World::with_users(0);
    world.gathers = true;
    let mut playing: Vec<Game> = Vec::new();
    let mut steps = 0;
    let end = world.now.plus(15_000);
    while world.now < end {
        let is_due = steps >= playing.len() * apart;
        if playing.len() < games && is_due {
            let user = world.user(APP);
            world.connect(user, 0).expect("let in");
            let mut game = Game {
                user,
                lobby: None,
                search_at: None,
            };
            game.search(&mut world);
            playing.push(game);
            continue;
        }
        world.step();
        steps += 1;
        for game in &mut playing {
            game.process(&mut world);
        }
        if steps % 4 == 0 {
            world.pass(1);
        }
    }
    let lobbies = world.at(0).lobbies();
    lobbies.map(|lobby| lobby.members.len()).collect()
}

#[test]
fn games_that_start_at_the_same_moment_meet() {
    for apart in 0..60 {
        assert_eq!(play(2, apart), [2], "{apart} steps apart");
    }
    for apart in 0..20 {
        assert_eq!(play(4, apart), [2, 2], "{apart} steps apart");
        let mut sizes = play(3, apart);
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 2], "{apart} steps apart");
    }
}

#[test]
fn the_readme_says_what_is_played_here() {
    let readme = include_str!("../../../../README.md");
    assert!(readme.contains(SEARCHING));
}
