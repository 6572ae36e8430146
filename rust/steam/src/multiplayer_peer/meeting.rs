//! What users say on their connections: who they are, and their packets; and how they are lost.

use samovar_net::Message;

use super::mesh::{
    Active, HOST, Inner, MAX_UNNAMED, MAX_WAITING, MAX_WAITING_BYTES, client_id, end,
};
use super::packets::{self, Content, Place};
use super::turns::Turns;
use super::{Packet, PeerError, PeerEvent, PeerStatus};
use crate::networking_sockets::{ConnectionHandle, MAX_LANES};
use samovar_id::SteamId;

/// The most packets of a peer that are kept until it has told who it is.
const MAX_EARLY: usize = 1024;
/// The most peers that the host may name to a client; of more, one that it has named is forgotten.
const MAX_KNOWN: usize = 4096;
/// The most bytes that are kept of a client whose words have overtaken the host's; there are [`MAX_EARLY`] of them at most.
const MAX_HELD_BYTES: usize = 1024 * 1024;

impl Inner {
    pub(super) fn arrived(&mut self, handle: ConnectionHandle, message: Message) {
        let Some(active) = &mut self.active else {
            return;
        };
        let Some(remote) = active.remotes.get_mut(&handle) else {
            return;
        };
        let is_channel = message.channel < MAX_LANES;
        let content = packets::parse(message.data.clone()).filter(|_| is_channel);
        match (content, remote.id) {
            (Some(Content::Identity(id)), None) => self.meet(handle, id),
            (Some(Content::Packet { .. }), _) if !remote.is_announced => {
                remote.early.push(message);
                if remote.id.is_none() && remote.early.len() > MAX_UNNAMED {
                    active.close(handle, "It does not say who it is");
                    self.lost(handle);
                }
            }
            (Some(Content::Packet { mode, place, data }), Some(id)) => {
                let channel = message.channel;
                let packet = Packet {
                    peer: id,
                    channel: i32::try_from(channel).unwrap_or(0),
                    mode,
                    data,
                };
                match place {
                    Place::Number(number) if !remote.arrived.is_next(channel, number) => {}
                    Place::Turn(turn) if id == HOST => {
                        self.take(packet);
                        if channel == 0 {
                            self.hear_turn(|turns| turns.hear(turn));
                        }
                    }
                    Place::Turn(turn) if active.host.is_some() => self.hold(handle, turn, packet),
                    _ => self.take(packet),
                }
            }
            (Some(Content::TurnEnds(turn)), Some(HOST)) => {
                self.hear_turn(|turns| turns.hear_end(turn));
            }
            (Some(Content::Known(id)), Some(HOST)) => self.know(id),
            _ => {
                let id = remote.id;
                active.close(handle, "Not what a multiplayer peer sends");
                if let Some(id) = id {
                    self.forget_packets(id);
                }
                self.lost(handle);
            }
        }
    }

    /// A packet is there for the game.
    fn take(&mut self, packet: Packet) {
        self.packet_bytes += packet.data.len();
        self.packets.push_back(packet);
    }

    /// Keeps what a client has sent until everything is there that its sender had heard from the host before. What is too much
    /// to be kept is not.
    fn hold(&mut self, handle: ConnectionHandle, turn: u32, packet: Packet) {
        let Some(active) = &mut self.active else {
            return;
        };
        let Some(remote) = active.remotes.get_mut(&handle) else {
            return;
        };
        if remote.held.is_empty() && active.turns.has_ended(turn) {
            return self.take(packet);
        }
        remote.held_bytes += packet.data.len();
        remote.held.push_back((turn, packet));
        if remote.held.len() > MAX_EARLY || remote.held_bytes > MAX_HELD_BYTES {
            self.release_all(handle);
        }
    }

    /// The host is heard, and what has waited for that.
    fn hear_turn(&mut self, hear: impl FnOnce(&mut Turns)) {
        let Some(active) = &mut self.active else {
            return;
        };
        let before = active.turns.ended();
        hear(&mut active.turns);
        if active.turns.ended() == before {
            return;
        }
        for remote in active.remotes.values_mut() {
            while let Some((turn, _)) = remote.held.front()
                && active.turns.has_ended(*turn)
                && let Some((_, packet)) = remote.held.pop_front()
            {
                remote.held_bytes -= packet.data.len();
                self.packet_bytes += packet.data.len();
                self.packets.push_back(packet);
            }
        }
    }

    /// What is held of a connection waits for nothing any more.
    pub(super) fn release_all(&mut self, handle: ConnectionHandle) {
        let remote = self.active.as_mut();
        let Some(remote) = remote.and_then(|active| active.remotes.get_mut(&handle)) else {
            return;
        };
        remote.held_bytes = 0;
        for (_, packet) in std::mem::take(&mut remote.held) {
            self.take(packet);
        }
    }

    /// A user says which ID it has. Whether that can be is looked at first: the host alone has its ID.
    pub(super) fn meet(&mut self, handle: ConnectionHandle, id: i32) {
        let Some(active) = &mut self.active else {
            return;
        };
        let Some(remote) = active.remotes.get(&handle) else {
            return;
        };
        let user = remote.user;
        let is_host = active.host == Some(user);
        let holder = active
            .remotes
            .values()
            .find(|remote| remote.id == Some(id))
            .map(|remote| remote.user);
        let is_taken = id == active.id || holder.is_some_and(|holder| holder != user);
        let is_right = id == if is_host { HOST } else { client_id(user) };
        if !is_right || is_taken {
            active.close(handle, "Another peer has this ID");
            return self.lost(handle);
        }
        // A game that was started anew asks again, before its end was noticed.
        let earlier: Vec<ConnectionHandle> = active
            .remotes
            .iter()
            .filter(|(of, remote)| **of != handle && remote.user == user && remote.id.is_some())
            .map(|(of, _)| *of)
            .collect();
        for earlier in earlier {
            if let Some(active) = &mut self.active {
                active.close(earlier, "It has connected anew");
            }
            self.forget_packets(id);
            self.lost(earlier);
        }
        let Some(active) = &mut self.active else {
            return;
        };
        if let Some(remote) = active.remotes.get_mut(&handle) {
            remote.id = Some(id);
            active.steam.sockets_set_user_data(handle, i64::from(id));
        }
        if active.host.is_some() && id != HOST && !active.known.contains(&id) {
            // Godot hears of the host first, and of others when the host knows them.
            return;
        }
        self.announce(handle);
    }

    /// The host knows a peer, which may be there already or come later.
    fn know(&mut self, id: i32) {
        let Some(active) = &mut self.active else {
            return;
        };
        if active.known.len() >= MAX_KNOWN {
            active.known.pop_first();
        }
        active.known.insert(id);
        let mut remotes = active.remotes.iter();
        let found = remotes.find(|(_, remote)| remote.id == Some(id) && !remote.is_announced);
        if let Some(handle) = found.map(|(handle, _)| *handle) {
            self.announce(handle);
        }
    }

    /// Tells the game of a peer, and then of what it has sent.
    pub(super) fn announce(&mut self, handle: ConnectionHandle) {
        let Some(active) = &mut self.active else {
            return;
        };
        let Some(remote) = active.remotes.get_mut(&handle) else {
            return;
        };
        let Some(id) = remote.id else { return };
        remote.is_announced = true;
        active.unreachable.remove(&remote.user);
        let early = std::mem::take(&mut remote.early);
        active.ids.insert(id, handle);
        active.turns.tell_again();
        if active.host.is_none() {
            active.newcomers.push(id);
        }
        self.status = PeerStatus::Connected;
        self.events.push_back(PeerEvent::Connected(id));
        for message in early {
            self.arrived(handle, message);
        }
    }

    /// Those whose connections are over are lost once everything that they have brought is taken, by the game too: Godot's
    /// multiplayer takes it between two polls, and knows no packets of who is gone.
    pub(super) fn lose_those_over(&mut self) {
        let Some(active) = &mut self.active else {
            return;
        };
        for (handle, has_waited) in std::mem::take(&mut active.over) {
            while self.receive_of(handle) {}
            self.release_all(handle);
            let Some(active) = &mut self.active else {
                return;
            };
            let Some(remote) = active.remotes.get(&handle) else {
                continue;
            };
            // Who is parted with may go on sending.
            let goes_on = remote.state.is_live() && has_waited;
            let id = remote.id;
            let waits = self.packets.iter().any(|packet| Some(packet.peer) == id);
            if goes_on {
                self.lost(handle);
            } else if self.packets.len() >= MAX_WAITING || self.packet_bytes >= MAX_WAITING_BYTES {
                let is_live = remote_is_live(active, handle);
                active.over.insert(handle, has_waited || is_live);
            } else if waits && !has_waited {
                active.over.insert(handle, true);
            } else {
                self.lost(handle);
            }
        }
    }

    /// A connection is over, or was never opened. A client ends with its host.
    pub(super) fn lost(&mut self, handle: ConnectionHandle) {
        let Some(active) = &mut self.active else {
            return;
        };
        let Some(remote) = active.remotes.remove(&handle) else {
            return;
        };
        if let Some(info) = active.steam.sockets_info(handle) {
            if !remote.is_announced && active.unreachable.insert(remote.user) {
                self.events.push_back(PeerEvent::SessionFailed {
                    user: remote.user,
                    reason: info.end_reason,
                    state: info.state as i32,
                });
            }
            active.close(handle, "");
        }
        if let Some(id) = remote.id.filter(|_| remote.is_announced) {
            active.ids.remove(&id);
            self.events.push_back(PeerEvent::Disconnected(id));
        }
        let is_host = active.host == Some(remote.user);
        let is_there = active
            .remotes
            .values()
            .any(|other| other.user == remote.user);
        if is_host && !is_there {
            self.shut();
        }
    }

    /// A user is not wanted any more: their connections end with the next poll, and the game hears of it.
    pub(super) fn part(&mut self, user: SteamId) {
        let Some(active) = &mut self.active else {
            return;
        };
        active.held.retain(|(_, held, _)| *held != user);
        let theirs = active.remotes.iter();
        let theirs: Vec<ConnectionHandle> = theirs
            .filter(|(_, remote)| remote.user == user)
            .map(|(handle, _)| *handle)
            .collect();
        for handle in theirs {
            active.over.entry(handle).or_insert(false);
        }
    }

    /// Disconnects a peer; with `force` the game is not told.
    pub(super) fn disconnect(&mut self, id: i32, force: bool) -> Result<(), PeerError> {
        let active = self.active.as_mut().ok_or(PeerError::Unconfigured)?;
        let handle = active
            .ids
            .remove(&id)
            .ok_or(PeerError::InvalidParameter("there is no such peer"))?;
        active.remotes.remove(&handle);
        active.steam.with_sockets(|sockets, sessions, now| {
            let ended = end("Disconnect requested by application.");
            sockets.close(now, sessions, handle, ended, !force)
        });
        if !force {
            self.events.push_back(PeerEvent::Disconnected(id));
        }
        self.forget_packets(id);
        if id == HOST {
            self.shut();
        }
        Ok(())
    }
}

/// Whether a peer may still send.
fn remote_is_live(active: &Active, handle: ConnectionHandle) -> bool {
    let remote = active.remotes.get(&handle);
    remote.is_some_and(|remote| remote.state.is_live())
}
