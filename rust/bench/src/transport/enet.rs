//! ENet, in the Rust translation `rusty_enet`; not encrypted.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rusty_enet::{Event, Host, HostSettings, Packet, PeerID};

use super::udp::socket;
use super::{PATIENCE, Transport, exchange_addresses, wait_for};
use crate::process::Lines;

const CHANNELS: usize = 2;
/// ENet queues without bound and does not say how much waits; so the other side tells on a channel of its own what it has
/// read, and no more than so many bytes are out at once. Larger bounds made it slower, smaller ones too.
const WINDOW_BYTES: usize = 1024 * 1024;
/// After so long without a word about unreliable ones, what is out is lost.
const LOST: Duration = Duration::from_millis(5);
const CREDIT_CHANNEL: u8 = 1;
const CREDIT_EVERY_BYTES: usize = 64 * 1024;

pub(super) struct Enet {
    host: Host<UdpSocket>,
    peer: PeerID,
    /// Bytes that the other side has not read yet, as far as is known.
    out: usize,
    /// When it last told.
    heard_at: Instant,
    read: usize,
}

impl Enet {
    pub(super) fn connect(lines: &mut Lines, is_near: bool) -> Result<Self> {
        let socket = socket()?;
        let address = exchange_addresses(lines, socket.local_addr()?)?;
        let settings = HostSettings {
            peer_limit: 1,
            channel_limit: CHANNELS,
            ..HostSettings::default()
        };
        let mut host = Host::new(socket, settings)?;
        if is_near {
            host.connect(address, CHANNELS, 0)?;
        }
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(Event::Connect { peer, .. }) = host.service()? {
                let peer = peer.id();
                // The other side waits for the acknowledgement.
                host.flush();
                return Ok(Self {
                    host,
                    peer,
                    out: 0,
                    heard_at: Instant::now(),
                    read: 0,
                });
            }
            wait_for(host.socket(), false, Duration::from_millis(1))?;
        }
        bail!("ENet does not connect");
    }

    /// Handles everything that has come; whether there was something.
    fn service(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let mut any = false;
        // Servicing sends and reads; more than one event may come of it.
        let mut event = self.host.service()?.map(Event::no_ref);
        while let Some(found) = event {
            any = true;
            match found {
                rusty_enet::EventNoRef::Receive {
                    channel_id: CREDIT_CHANNEL,
                    packet,
                    ..
                } => {
                    if let Some(bytes) = packet.data().first_chunk::<4>() {
                        let read = usize::try_from(u32::from_be_bytes(*bytes))?;
                        self.out = self.out.saturating_sub(read);
                        self.heard_at = Instant::now();
                    }
                }
                rusty_enet::EventNoRef::Receive { packet, .. } => {
                    take(packet.data());
                    self.read += packet.data().len();
                }
                rusty_enet::EventNoRef::Disconnect { .. } => bail!("ENet has disconnected"),
                rusty_enet::EventNoRef::Connect { .. } => {}
            }
            event = self.host.check_events().map(Event::no_ref);
        }
        if self.read >= CREDIT_EVERY_BYTES {
            let read = u32::try_from(self.read)?.to_be_bytes();
            let credit = Packet::reliable(&read[..]);
            self.host
                .peer_mut(self.peer)
                .send(CREDIT_CHANNEL, &credit)?;
            self.host.flush();
            self.read = 0;
        }
        Ok(any)
    }
}

impl Transport for Enet {
    fn send(&mut self, reliable: bool, message: &[u8]) -> bool {
        if self.out + message.len() > WINDOW_BYTES {
            if reliable || self.heard_at.elapsed() < LOST {
                return false;
            }
            // What was lost is never read.
            self.out = 0;
            self.heard_at = Instant::now();
        }
        let packet = if reliable {
            Packet::reliable(message)
        } else {
            // The other kind is thrown away on purpose when the round trip grows.
            Packet::always_unreliable(message)
        };
        let sent = self.host.peer_mut(self.peer).send(0, &packet).is_ok();
        if sent {
            self.out += message.len();
        }
        sent
    }

    fn flush(&mut self) -> Result<()> {
        self.host.flush();
        Ok(())
    }

    fn turn(&mut self, wait: Duration, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        if !self.service(take)? && !wait.is_zero() {
            // What it sends again, it sends by time.
            wait_for(
                self.host.socket(),
                false,
                wait.min(Duration::from_millis(1)),
            )?;
            self.service(take)?;
        }
        Ok(())
    }
}
