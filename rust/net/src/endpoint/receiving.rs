//! What comes from a peer on its connection.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use quinn_proto::{Connection, Dir, StreamId, VarInt};
use samovar_id::SteamId;

use super::peer::{Broken, MAX_STREAMS, PeerConnection};
use super::streams::InStream;
use crate::sessions::{Control, Origin, Sessions};
use crate::wire::{Datagram, DatagramLane};

impl PeerConnection {
    /// Streams that the peer has opened.
    pub(super) fn accept_streams(&mut self, connection: &mut Connection) {
        while let Some(id) = connection.streams().accept(Dir::Uni) {
            let stream = InStream::new(self.budget.open());
            self.input.insert(id, stream);
        }
        self.set_window(connection);
        let half_used = |allowed: u32| self.input.len() * 2 >= allowed as usize;
        while half_used(self.allowed_streams)
            && self.allowed_streams < MAX_STREAMS
            && self.budget.may_open_more()
        {
            self.allowed_streams = (self.allowed_streams * 2).min(MAX_STREAMS);
            let allowed = VarInt::from_u32(self.allowed_streams);
            connection.set_max_concurrent_streams(Dir::Uni, allowed);
        }
    }

    fn set_window(&mut self, connection: &mut Connection) {
        let window = self.budget.connection_window();
        if window != self.window {
            self.window = window;
            connection
                .set_receive_window(VarInt::from_u32(u32::try_from(window).unwrap_or(u32::MAX)));
        }
    }

    /// There is something in a stream.
    pub(super) fn set_readable(&mut self, id: StreamId) {
        if let Some(stream) = self.input.get_mut(&id) {
            stream.set_readable();
        }
    }

    /// Reads all streams that somebody waits for, and all datagrams.
    pub(super) fn read(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
    ) -> Result<(), Broken> {
        self.read_streams(now, connection, peer, sessions)?;
        self.read_datagrams(now, connection, peer, sessions)
    }

    fn read_streams(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
    ) -> Result<(), Broken> {
        let mut result = Ok(());
        let budget = &mut self.budget;
        // What we tell, and what we are told.
        let (mut rooms, mut told) = (Vec::new(), Vec::new());
        self.input.retain(|id, stream| {
            if result.is_err() {
                return true;
            }
            match stream.read(now, connection, peer, sessions, *id, &mut told) {
                Ok(false) => {
                    stream.give_back(peer, sessions, budget);
                    true
                }
                Ok(true) => {
                    budget.close(stream.room());
                    false
                }
                Err(broken) => {
                    result = Err(broken);
                    true
                }
            }
        });
        result?;
        for (id, stream) in &mut self.input {
            let room = stream.more_room(peer, sessions, budget);
            rooms.extend(room.map(|bytes| Control::Room {
                stream: (*id).into(),
                bytes,
            }));
        }
        self.set_window(connection);
        for room in rooms {
            self.send_control(connection, &room);
        }
        for (stream, bytes) in told {
            for out in self.out.values_mut() {
                out.set_room(stream, bytes);
            }
        }
        Ok(())
    }

    fn read_datagrams(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
    ) -> Result<(), Broken> {
        while let Some(mut rest) = connection.datagrams().recv() {
            let mut lane = None;
            // Those of one lane are taken together.
            let mut same: Option<DatagramLane> = None;
            while !rest.is_empty() {
                let datagram = Datagram::take(&mut rest, &mut lane).ok_or(Broken)?;
                if let Some(before) = same.filter(|_| lane != same) {
                    self.deliver(now, peer, sessions, before);
                }
                same = lane;
                match datagram {
                    Datagram::Whole { data, .. } => self.arrived.push(data),
                    Datagram::Piece(piece) => {
                        self.arrived.extend(self.reassembly.push(now, piece));
                    }
                }
            }
            if let Some(lane) = same {
                self.deliver(now, peer, sessions, lane);
            }
        }
        Ok(())
    }

    /// Hands over the unreliable messages that have arrived, of one lane. They are copied, so that a small one that nobody
    /// reads does not keep a whole packet in memory.
    fn deliver(
        &mut self,
        now: Instant,
        peer: SteamId,
        sessions: &mut Sessions,
        lane: DatagramLane,
    ) {
        let bytes = self.arrived.iter().map(Bytes::len).sum();
        let mut copies = BytesMut::with_capacity(bytes);
        let mut arrived = self.arrived.drain(..);
        let origin = Origin {
            flow: lane.flow,
            incarnation: lane.incarnation,
            channel: lane.channel,
            reliable: false,
        };
        // Where there is no room, they are lost.
        let _ = sessions.deliver_all(now, peer, origin, || {
            copies.extend_from_slice(&arrived.next()?);
            Some(copies.split().freeze())
        });
    }
}
