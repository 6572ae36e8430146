//! Who the peers are: how each is met, and lost.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use samovar_id::SteamId;
use samovar_net::{ConnectionEnd, Delivery, Message, Nagle, Sessions};

use super::lobby::{Pending, Tracked};
use super::packets::{self, Order};
use super::turns::Turns;
use super::{LobbyState, Packet, PeerError, PeerEvent, PeerStatus};
use crate::client::Steam;
use crate::networking_sockets;
use crate::networking_sockets::{
    ConnectOptions, ConnectionHandle, ConnectionState, Owner, Sockets, StatusChange,
};

/// The most packets, and about the most bytes, that wait to be taken: what is beyond stays with the network, which holds it up.
pub(super) const MAX_WAITING: usize = 8192;
pub(super) const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;
/// The most messages of a connection that one poll takes.
const MAX_A_POLL: usize = 1024;
/// The most events that wait to be taken; beyond it nothing is polled.
const MAX_EVENTS: usize = 4096;
/// The most messages of a peer that are taken before it has said that.
pub(super) const MAX_UNNAMED: usize = 64;

/// `k_ESteamNetConnectionEnd_App_Min`.
const END_APP: i32 = 1000;
/// The ID of the host in Godot's multiplayer.
pub(super) const HOST: i32 = 1;

/// The ID of a client in Godot's multiplayer. It follows from the Steam ID, so that nobody can take another's.
pub(super) fn client_id(user: SteamId) -> i32 {
    // 31 bits fit.
    #[allow(clippy::cast_possible_wrap)]
    let id = (user.account() >> 1) as i32;
    id.max(HOST + 1)
}

/// A user that there is a connection with.
pub(super) struct Remote {
    pub(super) user: SteamId,
    pub(super) state: ConnectionState,
    /// As it has told.
    pub(super) id: Option<i32>,
    /// Whether the game knows of it.
    pub(super) is_announced: bool,
    /// Since when it has been told the own ID, and could tell its own.
    pub(super) told_at: Option<Instant>,
    /// What has arrived before the game knew of it.
    pub(super) early: Vec<Message>,
    /// What has overtaken the host's words, with the turn that it has to wait for; and its bytes.
    pub(super) held: VecDeque<(u32, Packet)>,
    pub(super) held_bytes: usize,
    pub(super) sent: Order,
    pub(super) arrived: Order,
}

impl Remote {
    pub(super) fn new(user: SteamId, state: ConnectionState) -> Self {
        Self {
            user,
            state,
            id: None,
            is_announced: false,
            told_at: None,
            early: Vec::new(),
            held: VecDeque::new(),
            held_bytes: 0,
            sent: Order::default(),
            arrived: Order::default(),
        }
    }
}

/// What there is while it is in use.
pub(super) struct Active {
    pub(super) steam: Arc<Steam>,
    pub(super) owner: Owner,
    pub(super) listen: u32,
    pub(super) port: u32,
    /// The own ID.
    pub(super) id: i32,
    /// Whom a client is with; `None` for the host itself.
    pub(super) host: Option<SteamId>,
    pub(super) remotes: BTreeMap<ConnectionHandle, Remote>,
    /// The peers that the game knows of.
    pub(super) ids: BTreeMap<i32, ConnectionHandle>,
    /// Users who ask, and since when: they are not known to be in the lobby yet.
    pub(super) held: Vec<(ConnectionHandle, SteamId, Instant)>,
    /// Those whose connections are over, and whether the game has had a poll since to take what they have brought.
    pub(super) over: BTreeMap<ConnectionHandle, bool>,
    /// Whether the game has named peers of its own, so that there is a mesh.
    pub(super) is_mesh: bool,
    pub(super) turns: Turns,
    /// Whom the host has told the game of since the last poll.
    pub(super) newcomers: Vec<i32>,
    /// Whom the host knows, as a client has heard.
    pub(super) known: BTreeSet<i32>,
    /// When members without a connection are asked again.
    pub(super) asks_at: Option<Instant>,
    /// Of whom the game has heard that they cannot be reached.
    pub(super) unreachable: BTreeSet<SteamId>,
}

/// What a multiplayer peer is.
#[derive(Default)]
pub(super) struct Inner {
    pub(super) active: Option<Active>,
    pub(super) status: PeerStatus,
    pub(super) events: VecDeque<PeerEvent>,
    pub(super) packets: VecDeque<Packet>,
    pub(super) packet_bytes: usize,
    pub(super) lobby: Option<Tracked>,
    pub(super) lobby_state: LobbyState,
    /// A lobby that this peer has asked for.
    pub(super) pending: Option<Pending>,
    /// How many channels there are; 0 stands for [`DEFAULT_CHANNELS`].
    pub(super) channels: u32,
    pub(super) refuses: bool,
    pub(super) no_delay: bool,
    pub(super) no_nagle: bool,
    pub(super) server_relay: Option<bool>,
    /// Whether it was said that there is no such channel.
    pub(super) warned: bool,
    /// A message that is being made.
    pub(super) scratch: Vec<u8>,
    /// Who is heard first, by turns.
    pub(super) first: usize,
    /// Messages that are being taken.
    pub(super) messages: Vec<Message>,
}

/// A connection of this peer has changed: how it is now; `None` where it is gone.
struct Change {
    handle: ConnectionHandle,
    now: Option<StatusChange>,
}

/// That this peer ends a connection, and why.
pub(super) fn end(debug: &str) -> ConnectionEnd {
    networking_sockets::end(END_APP, debug)
}

fn symmetric() -> ConnectOptions {
    ConnectOptions {
        symmetric: true,
        ..ConnectOptions::default()
    }
}

/// Nothing waits for more to go with it: what is sent in a frame goes together as it is.
pub(super) fn delivery(reliable: bool, no_delay: bool) -> Delivery {
    Delivery {
        reliable,
        nagle: Nagle::None,
        no_delay,
        autorestart: false,
    }
}

impl Inner {
    /// Begins: listens, and asks the host where there is one. With `instead`, another multiplayer peer that listens there
    /// gives way.
    pub(super) fn start(
        &mut self,
        steam: &Arc<Steam>,
        host: Option<SteamId>,
        port: u32,
        instead: bool,
    ) -> Result<(), PeerError> {
        if self.active.is_some() {
            return Err(PeerError::AlreadyInUse);
        }
        let started = steam.with_sockets(|sockets, sessions, now| {
            if instead && sockets.listener(port).is_some() {
                sockets.close_listener(now, sessions, port);
            }
            let owner = sockets.new_owner();
            let listen = sockets.listen(now, sessions, port, symmetric(), Some(owner));
            let Some(listen) = listen else {
                sockets.forget_owner(owner);
                return Err(PeerError::CantCreate("the virtual port is in use"));
            };
            Ok((owner, listen))
        });
        let (owner, listen) = started?;
        self.events.clear();
        self.packets.clear();
        self.packet_bytes = 0;
        self.active = Some(Active {
            steam: Arc::clone(steam),
            owner,
            listen,
            port,
            id: match host {
                Some(_) => client_id(steam.steam_id()),
                None => HOST,
            },
            host,
            remotes: BTreeMap::new(),
            ids: BTreeMap::new(),
            held: Vec::new(),
            over: BTreeMap::new(),
            is_mesh: false,
            turns: Turns::default(),
            newcomers: Vec::new(),
            known: BTreeSet::new(),
            asks_at: None,
            unreachable: BTreeSet::new(),
        });
        let Some(host) = host else {
            self.status = PeerStatus::Connected;
            return Ok(());
        };
        self.status = PeerStatus::Connecting;
        let asked = self.ask(host, port);
        if asked.is_err() {
            self.shut();
        }
        asked
    }

    /// Asks a user for a connection, unless there is one.
    pub(super) fn ask(&mut self, user: SteamId, port: u32) -> Result<(), PeerError> {
        let active = self.active.as_mut().ok_or(PeerError::Unconfigured)?;
        if user == active.steam.steam_id() {
            return Err(PeerError::InvalidParameter("that is the local user"));
        }
        let mut remotes = active.remotes.iter();
        if remotes.any(|(of, remote)| remote.user == user && !active.over.contains_key(of)) {
            return Ok(());
        }
        // Who was asking already is answered.
        active.held.retain(|(_, held, _)| *held != user);
        let owner = active.owner;
        let handle = active.steam.with_sockets(|sockets, sessions, now| {
            let handle = sockets.connect(now, sessions, user, port, &symmetric(), Some(owner))?;
            sockets.open_wide(sessions, handle);
            Some(handle)
        });
        let handle = handle.ok_or(PeerError::CantCreate("there is no room for a connection"))?;
        let remote = Remote::new(user, ConnectionState::Connecting);
        active.remotes.insert(handle, remote);
        Ok(())
    }

    /// Does what is due.
    pub(super) fn poll(&mut self, now: Instant) {
        if self.events.len() >= MAX_EVENTS {
            return;
        }
        let pending = self.pending.as_ref();
        if pending.is_some_and(|pending| pending.steam.shared.stop.load(Ordering::Acquire)) {
            return self.shut();
        }
        let Some(active) = &self.active else { return };
        if active.steam.shared.stop.load(Ordering::Acquire) {
            return self.shut();
        }
        let (owner, listen) = (active.owner, active.listen);
        let changes = active.steam.shared.with_sockets(|sockets, sessions, now| {
            sockets
                .is_listening(listen)
                .then(|| changes(sockets, sessions, now, owner))
        });
        // Another peer of this game has taken its place.
        let Some(changes) = changes else {
            return self.shut();
        };
        self.end_turn();
        self.follow_lobby();
        self.ask_again(now);
        for Change { handle, now: state } in changes {
            self.changed(now, handle, state);
        }
        self.admit(now);
        self.receive();
        self.lose_the_silent(now);
        self.lose_those_over();
    }

    /// A connection has changed.
    fn changed(&mut self, now: Instant, handle: ConnectionHandle, change: Option<StatusChange>) {
        let Some(active) = &mut self.active else {
            return;
        };
        let Some(mut change) = change else {
            active.held.retain(|(held, _, _)| *held != handle);
            if active.remotes.contains_key(&handle) {
                active.over.entry(handle).or_insert(false);
            }
            return;
        };
        let state = change.info.state;
        let Some(remote) = active.remotes.get_mut(&handle) else {
            if active.held.iter().any(|(held, _, _)| *held == handle) && state.is_live() {
                // The game itself has accepted it, as a handler does that accepts everything.
            } else if state == ConnectionState::Connecting {
                let user = change.info.peer;
                self.events
                    .push_back(PeerEvent::ConnectionStatusChanged(Box::new(change)));
                active.held.push((handle, user, now));
            } else {
                active.held.retain(|(held, _, _)| *held != handle);
                active.close(handle, "Not wanted");
            }
            return;
        };
        change.old_state = std::mem::replace(&mut remote.state, state);
        let is_told = remote.told_at.is_some();
        if change.old_state != state {
            self.events
                .push_back(PeerEvent::ConnectionStatusChanged(Box::new(change)));
        }
        if state == ConnectionState::Connected && !is_told {
            remote.told_at = Some(now);
            let messages = [
                packets::identity(active.id),
                packets::turn_ends(active.turns.ended()),
            ];
            // Clients have no turns.
            let count = if active.host.is_none() { 2 } else { 1 };
            active.steam.with_sockets(|sockets, sessions, now| {
                for message in &messages[..count] {
                    let _ = sockets.send(now, sessions, handle, 0, delivery(true, false), message);
                }
            });
        }
        if !state.is_live() {
            active.over.entry(handle).or_insert(false);
        }
    }

    /// What the host has sent until now is a turn. Clients are told that it has ended where they talk to each other, and then
    /// whom they may talk to: those whom the host's game has told what there is.
    fn end_turn(&mut self) {
        let Some(active) = self.active.as_mut().filter(|active| active.host.is_none()) else {
            return;
        };
        let newcomers = std::mem::take(&mut active.newcomers);
        if active.ids.len() < 2 {
            return;
        }
        let ended = active.turns.end().map(packets::turn_ends);
        if ended.is_none() && newcomers.is_empty() {
            return;
        }
        active.steam.with_sockets(|sockets, sessions, now| {
            for (id, handle) in &active.ids {
                let mut send = |message: &[u8]| {
                    // Who is gone is noticed elsewhere.
                    let _ = sockets.send(now, sessions, *handle, 0, delivery(true, false), message);
                };
                ended.iter().for_each(|message| send(message));
                let is_new = newcomers.contains(id);
                let others = active.ids.keys().filter(|other| *other != id);
                for other in others.filter(|other| is_new || newcomers.contains(other)) {
                    send(&packets::known(*other));
                }
            }
        });
    }

    /// Drops what a peer has sent and nobody has taken.
    pub(super) fn forget_packets(&mut self, id: i32) {
        self.packets.retain(|packet| packet.peer != id);
        self.packet_bytes = self.packets.iter().map(|packet| packet.data.len()).sum();
    }

    /// Takes what has arrived.
    fn receive(&mut self) {
        let Some(active) = &self.active else { return };
        let mut handles: Vec<ConnectionHandle> = active.remotes.keys().copied().collect();
        if handles.is_empty() {
            return;
        }
        // Another one is the first each time: what one sends without end keeps nobody from being heard.
        self.first = self.first.wrapping_add(1);
        let count = handles.len();
        handles.rotate_left(self.first % count);
        for handle in handles {
            self.receive_of(handle);
        }
    }

    /// Takes some of what has arrived on a connection. Whether there was anything.
    pub(super) fn receive_of(&mut self, handle: ConnectionHandle) -> bool {
        let Some(active) = &self.active else {
            return false;
        };
        let Some(remote) = active.remotes.get(&handle) else {
            return false;
        };
        let share = match remote.id {
            None => MAX_UNNAMED,
            // It waits with the network until the game knows of it.
            Some(_) if !remote.is_announced && !remote.early.is_empty() => 0,
            Some(_) => (MAX_WAITING / active.remotes.len()).clamp(MAX_UNNAMED, MAX_A_POLL),
        };
        let most = MAX_WAITING.saturating_sub(self.packets.len()).min(share);
        if most == 0 || self.packet_bytes >= MAX_WAITING_BYTES {
            return false;
        }
        let mut messages = std::mem::take(&mut self.messages);
        active
            .steam
            .receiving(|sockets, sessions| sockets.receive(sessions, handle, most, &mut messages));
        let any = !messages.is_empty();
        for message in messages.drain(..) {
            self.arrived(handle, message);
        }
        self.messages = messages;
        any
    }

    /// Ends it. What the game has to hear of that waits for it.
    pub(super) fn shut(&mut self) {
        self.status = PeerStatus::Disconnected;
        self.refuses = false;
        self.packets.clear();
        self.packet_bytes = 0;
        self.leave_lobby();
        let Some(active) = self.active.take() else {
            return;
        };
        active.steam.with_sockets(|sockets, sessions, now| {
            for handle in active.remotes.keys() {
                sockets.close(now, sessions, *handle, end("The peer was closed"), true);
            }
            for (handle, _, _) in &active.held {
                sockets.close(now, sessions, *handle, end("The peer was closed"), false);
            }
            sockets.close_listen(now, sessions, active.listen);
            sockets.forget_owner(active.owner);
        });
    }
}

impl Active {
    /// Ends a connection, without waiting for what was sent.
    pub(super) fn close(&self, handle: ConnectionHandle, why: &str) {
        self.steam.with_sockets(|sockets, sessions, now| {
            sockets.close(now, sessions, handle, end(why), false)
        });
    }
}

fn changes(sockets: &mut Sockets, sessions: &Sessions, now: Instant, owner: Owner) -> Vec<Change> {
    let changed = sockets.take_changed(owner).into_iter();
    changed
        .map(|handle| Change {
            handle,
            now: sockets
                .info(now, sessions, handle)
                .map(|info| StatusChange {
                    handle,
                    info,
                    old_state: ConnectionState::None,
                }),
        })
        .collect()
}
