//! What games do on the network.

use std::time::Duration;

use bytes::Bytes;
use samovar_net::{Delivery, Flow, Message, SendError, SessionEvent, SessionState};

use super::harness::{Net, reliable};

impl Net {
    pub(crate) fn send(
        &mut self,
        from: usize,
        to: usize,
        flow: Flow,
        channel: u32,
        delivery: Delivery,
        data: &[u8],
    ) {
        self.try_send(from, to, flow, channel, delivery, data)
            .unwrap();
    }

    pub(crate) fn try_send(
        &mut self,
        from: usize,
        to: usize,
        flow: Flow,
        channel: u32,
        delivery: Delivery,
        data: &[u8],
    ) -> Result<(), SendError> {
        let to = self.nodes[to].id;
        let sent = self.nodes[from]
            .sessions
            .lock()
            .send(self.now, to, flow, channel, delivery, data);
        self.work(from);
        sent.map(|_| ())
    }

    pub(crate) fn accept(&mut self, node: usize, peer: usize, flow: Flow) -> bool {
        let peer = self.nodes[peer].id;
        let accepted = self.nodes[node]
            .sessions
            .lock()
            .accept(self.now, peer, flow);
        self.work(node);
        accepted
    }

    pub(crate) fn close(&mut self, node: usize, peer: usize, flow: Flow) -> bool {
        let peer = self.nodes[peer].id;
        let closed = self.nodes[node].sessions.lock().close(self.now, peer, flow);
        self.work(node);
        closed
    }

    pub(crate) fn receive(&mut self, node: usize, flow: Flow, channel: u32) -> Option<Message> {
        let message = self.nodes[node].sessions.lock().receive(flow, channel);
        if message.is_some() {
            self.work(node);
        }
        message
    }

    pub(crate) fn receive_all(&mut self, node: usize, flow: Flow, channel: u32) -> Vec<Bytes> {
        std::iter::from_fn(|| self.receive(node, flow, channel))
            .map(|message| message.data)
            .collect()
    }

    pub(crate) fn state(&self, node: usize, peer: usize, flow: Flow) -> Option<SessionState> {
        let peer = self.nodes[peer].id;
        self.nodes[node]
            .sessions
            .lock()
            .info(self.now, peer, flow)
            .map(|info| info.state)
    }

    pub(crate) fn requested(&self, node: usize, by: usize, flow: Flow) -> usize {
        let peer = self.nodes[by].id;
        self.nodes[node]
            .events
            .iter()
            .filter(|(_, event)| *event == SessionEvent::Requested { peer, flow })
            .count()
    }

    /// Waits for a request, accepts it, and waits until both sides are connected.
    pub(crate) fn meet(&mut self, asks: usize, accepts: usize, flow: Flow) {
        let before = self.requested(accepts, asks, flow);
        self.send(asks, accepts, flow, 0, reliable(), b"may I?");
        let asked = |net: &mut Self| net.requested(accepts, asks, flow) > before;
        assert!(self.run_until(Duration::from_secs(5), asked), "no request");
        assert!(self.accept(accepts, asks, flow));
        self.until_connected(asks, accepts, flow);
        assert!(self.run_until(Duration::from_secs(2), |net| {
            net.receive(accepts, flow, 0).is_some()
        }));
    }

    pub(crate) fn until_connected(&mut self, one: usize, other: usize, flow: Flow) {
        let connected = Some(SessionState::Connected);
        let both = self.run_until(Duration::from_secs(10), |net| {
            net.state(one, other, flow) == connected && net.state(other, one, flow) == connected
        });
        assert!(
            both,
            "{:?} {:?}",
            self.state(one, other, flow),
            self.state(other, one, flow)
        );
    }
}
