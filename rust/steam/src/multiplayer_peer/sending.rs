//! Sending and taking packets, and who is who.

use samovar_id::SteamId;
use tracing::warn;

use super::mesh::{Inner, delivery};
use super::packets::{self, Place};
use super::{MAX_PACKET, Packet, PeerError, PeerInfo, PeerStatus, TransferMode};
use crate::networking_sockets::{ConnectionHandle, SocketError};

/// How many channels there are where nothing is said of it.
const DEFAULT_CHANNELS: u32 = 4;

impl Inner {
    /// Sends a packet to a peer, to all (0), or to all but one (negative).
    pub(super) fn put(
        &mut self,
        target: i32,
        channel: u32,
        mode: TransferMode,
        data: &[u8],
    ) -> Result<(), PeerError> {
        if self.status != PeerStatus::Connected {
            return Err(PeerError::Unconfigured);
        }
        let channel = self.existing(channel);
        let Some(active) = &mut self.active else {
            return Err(PeerError::Unconfigured);
        };
        if data.len() > MAX_PACKET {
            return Err(PeerError::InvalidParameter(
                "the packet is larger than 524288 bytes",
            ));
        }
        if target > 0 && !active.ids.contains_key(&target) {
            return Err(PeerError::InvalidParameter("there is no such peer"));
        }
        let reliable = mode == TransferMode::Reliable;
        let delivery = delivery(reliable, self.no_delay && !reliable);
        let turn = match (reliable, active.host) {
            (true, None) if channel == 0 => active.turns.send(),
            (true, Some(_)) => active.turns.last(),
            _ => 0,
        };
        let (ids, remotes, scratch) = (&active.ids, &mut active.remotes, &mut self.scratch);
        let mut is_ready = false;
        active.steam.sending(|sockets, sessions, now| {
            let mut result = Ok(());
            let wanted = ids.iter().filter(|(id, _)| match target {
                0 => true,
                1.. => **id == target,
                _ => i64::from(**id) != -i64::from(target),
            });
            for handle in wanted.map(|(_, handle)| *handle) {
                let Some(remote) = remotes.get_mut(&handle) else {
                    continue;
                };
                // All but those in order are the same for everybody.
                if !is_ready {
                    let place = match mode {
                        TransferMode::Unreliable => Place::Any,
                        TransferMode::UnreliableOrdered => Place::Number(remote.sent.next(channel)),
                        TransferMode::Reliable => Place::Turn(turn),
                    };
                    packets::write(scratch, place, data);
                    is_ready = mode != TransferMode::UnreliableOrdered;
                }
                let sent = sockets.send(now, sessions, handle, channel, delivery, scratch);
                match sent {
                    // Its end is told with the next poll.
                    Ok(_) | Err(SocketError::NoConnection | SocketError::Ignored) => {}
                    Err(SocketError::LimitExceeded) => {
                        result = Err(PeerError::OutOfMemory("too much waits to be sent"));
                    }
                    Err(_) => {
                        result = Err(PeerError::InvalidParameter("the packet cannot be sent"));
                    }
                }
            }
            result
        })
    }

    /// The channel, or 0 where there is no such one.
    fn existing(&mut self, channel: u32) -> u32 {
        let channels = match self.channels {
            0 => DEFAULT_CHANNELS,
            channels => channels,
        };
        if channel < channels {
            return channel;
        }
        if !std::mem::replace(&mut self.warned, true) {
            warn!(
                "there are {channels} channels, so channel {channel} is channel 0; the project setting \
                 steam/multiplayer_peer/max_channels says how many"
            );
        }
        0
    }

    pub(super) fn take_packet(&mut self) -> Option<Packet> {
        let packet = self.packets.pop_front()?;
        self.packet_bytes -= packet.data.len();
        Some(packet)
    }

    pub(super) fn handle_of(&self, id: i32) -> Option<ConnectionHandle> {
        self.active.as_ref()?.ids.get(&id).copied()
    }

    pub(super) fn user_of(&self, id: i32) -> Option<SteamId> {
        let active = self.active.as_ref()?;
        if id == active.id {
            return Some(active.steam.steam_id());
        }
        let handle = active.ids.get(&id)?;
        Some(active.remotes.get(handle)?.user)
    }

    pub(super) fn id_of(&self, user: SteamId) -> Option<i32> {
        let active = self.active.as_ref()?;
        if user == active.steam.steam_id() {
            return Some(active.id);
        }
        let mut remotes = active.remotes.values();
        remotes
            .find(|remote| remote.user == user && remote.is_announced)?
            .id
    }

    pub(super) fn infos(&self) -> Vec<PeerInfo> {
        let Some(active) = &self.active else {
            return Vec::new();
        };
        let remotes = active.remotes.iter();
        remotes
            .map(|(handle, remote)| PeerInfo {
                id: remote.id.unwrap_or(0),
                user: remote.user,
                handle: *handle,
                state: remote.state as i32,
                ping_ms: active
                    .steam
                    .sockets_status(*handle)
                    .map_or(-1, |(status, _)| status.ping_ms),
            })
            .collect()
    }
}
