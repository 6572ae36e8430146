//! What games do with connections of `ISteamNetworkingSockets`.

use std::time::Duration;

use bytes::Bytes;
use samovar_net::{ConnectionEnd, ConnectionId, ConnectionState, ConnectionStatus, Flow, Lane};

use super::harness::{Net, reliable};

pub(crate) fn end(reason: i32) -> ConnectionEnd {
    ConnectionEnd {
        reason,
        debug: format!("because of {reason}"),
    }
}

impl Net {
    pub(crate) fn dial_port(&mut self, from: usize, to: usize, port: u32) -> ConnectionId {
        let (now, to) = (self.now, self.nodes[to].id);
        let timeout = Duration::from_secs(10);
        let dialled = self.nodes[from]
            .sessions
            .lock()
            .dial(now, to, port, false, timeout);
        self.work(from);
        dialled.unwrap()
    }

    pub(crate) fn how(
        &self,
        node: usize,
        peer: usize,
        id: ConnectionId,
    ) -> Option<ConnectionState> {
        self.status(node, peer, id).map(|status| status.state)
    }

    pub(crate) fn status(
        &self,
        node: usize,
        peer: usize,
        id: ConnectionId,
    ) -> Option<ConnectionStatus> {
        let peer = self.nodes[peer].id;
        self.nodes[node].sessions.lock().connection(peer, id)
    }

    /// The connection once the request for it has come and was accepted, and it is open at both ends.
    pub(crate) fn connection(&mut self, asks: usize, accepts: usize) -> ConnectionId {
        let id = self.dial_port(asks, accepts, 3);
        let asked = |net: &mut Self| net.how(accepts, asks, id) == Some(ConnectionState::Asked);
        assert!(self.run_until(Duration::from_secs(5), asked), "no request");
        assert!(self.accept(accepts, asks, Flow::Connection(id)));
        let open = self.run_until(Duration::from_secs(10), |net| {
            let open = Some(ConnectionState::Connected);
            net.how(asks, accepts, id) == open && net.how(accepts, asks, id) == open
        });
        assert!(open, "it does not open");
        id
    }

    pub(crate) fn set_lanes(
        &mut self,
        node: usize,
        peer: usize,
        id: ConnectionId,
        lanes: &[(i32, u16)],
    ) -> bool {
        let peer = self.nodes[peer].id;
        let lane = |(priority, weight): &(i32, u16)| Lane {
            priority: *priority,
            weight: *weight,
        };
        let lanes: Vec<Lane> = lanes.iter().map(lane).collect();
        self.nodes[node].sessions.lock().set_lanes(peer, id, &lanes)
    }

    pub(crate) fn say_in(
        &mut self,
        from: usize,
        to: usize,
        id: ConnectionId,
        lane: u32,
        data: &[u8],
    ) {
        self.send(from, to, Flow::Connection(id), lane, reliable(), data);
    }

    pub(crate) fn end_connection(
        &mut self,
        node: usize,
        peer: usize,
        id: ConnectionId,
        reason: i32,
        linger: Option<Duration>,
    ) -> bool {
        let (now, peer) = (self.now, self.nodes[peer].id);
        let closed =
            self.nodes[node]
                .sessions
                .lock()
                .close_connection(now, peer, id, end(reason), linger);
        self.work(node);
        closed
    }

    pub(crate) fn read_connection(
        &mut self,
        node: usize,
        peer: usize,
        id: ConnectionId,
    ) -> Vec<Bytes> {
        let peer = self.nodes[peer].id;
        let mut messages = Vec::new();
        self.nodes[node]
            .sessions
            .lock()
            .receive_from(peer, id, usize::MAX, &mut messages);
        self.work(node);
        messages.into_iter().map(|message| message.data).collect()
    }
}
