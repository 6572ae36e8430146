//! An endpoint that gets any datagrams and any signals.

#![no_main]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use samovar_id::SteamId;
use samovar_net::{
    Flow, Delivery, Endpoint, EndpointConfig, Identity, Nagle, SessionConfig, Sessions,
};

const PEER: SteamId = SteamId::individual(7 << 32);

fuzz_target!(|input: &[u8]| {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    let identity = IDENTITY.get_or_init(|| Arc::new(Identity::generate()));
    let mut now = Instant::now();
    let sessions = Sessions::new(SessionConfig::default(), identity.steam_id(), 1);
    let sessions = Arc::new(parking_lot::Mutex::new(sessions));
    let mut endpoint = Endpoint::new(
        EndpointConfig::default(),
        Arc::clone(identity),
        Arc::clone(&sessions),
        [1; 32],
    );
    endpoint.set_hosting(true);
    let delivery = Delivery {
        reliable: true,
        nagle: Nagle::None,
        no_delay: false,
        autorestart: true,
    };
    let _ = sessions
        .lock()
        .send(now, PEER, Flow::P2p, 0, delivery, b"hello");
    let mut rest = input;
    while let [kind, len, data @ ..] = rest {
        let len = (usize::from(*len) * 8).min(data.len());
        let (data, after) = data.split_at(len);
        rest = after;
        let from = SocketAddr::from((Ipv4Addr::LOCALHOST, 1000 + u16::from(kind >> 4)));
        match kind % 4 {
            0 | 1 => endpoint.handle_datagram(now, from, None, BytesMut::from(data)),
            2 => endpoint.handle_signal(now, PEER, data),
            _ => {
                now += Duration::from_millis(u64::from(*kind));
                endpoint.handle_timeout(now);
            }
        }
        endpoint.pump(now);
        while endpoint.poll_event().is_some() {}
        let mut out = Vec::new();
        while endpoint.poll_transmit(now, 8, &mut out).is_some() {
            out.clear();
        }
    }
});
