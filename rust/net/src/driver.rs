//! An endpoint on a UDP socket, in tokio.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use quinn_proto::EcnCodepoint;
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tracing::debug;

use crate::endpoint::{Endpoint, MAX_PACKET_SIZE, Transmit};

/// The largest UDP datagram that is received, in bytes; larger ones are no QUIC of ours.
const MAX_DATAGRAM: usize = 2048;
/// The most bytes that one system call sends: what fits into a UDP datagram over IPv4. Of more the system takes nothing.
const MAX_TRAIN: usize = 65_507;
/// The most packets that are sent in one system call.
const MAX_SEGMENTS: usize = MAX_TRAIN / MAX_PACKET_SIZE as usize;
/// How many trains of datagrams that the system has put together are read at once.
const MAX_GRO_BATCH: usize = 8;
/// How many bytes are read in one turn, about: so that timers, and who reads the messages, get their turn in a flood.
const MAX_READ: usize = 512 * 1024;
/// What the smallest datagram counts of that: it costs nearly as much time as a large one.
const MIN_COUNTED: usize = 1024;
/// After how many bytes what was read is handed on, so that QUIC need not keep it.
const HAND_ON: usize = 128 * 1024;
/// The longest sleep; it only bounds how long a lost wake-up would matter.
const MAX_SLEEP: Duration = Duration::from_secs(1);
/// After how long what the socket did not take is tried again.
const RETRY: Duration = Duration::from_millis(1);
/// The size in bytes that is asked for the socket's buffers. The system may give less.
const SOCKET_BUFFER: usize = 2 * 1024 * 1024;

/// How long the network thread waits for more of what the game sends one by one.
const GATHER: Duration = Duration::from_millis(1);

/// Wakes the network thread from the game's. Costs a system call only when the network thread sleeps.
#[derive(Debug, Default)]
pub struct Wake {
    notify: Notify,
    /// Something has been sent, and more may follow.
    soon: AtomicBool,
    /// There is something to do that waits for nothing.
    now: AtomicBool,
}

impl Wake {
    /// Has the network thread look for work, now or when it is done with what it does.
    pub fn notify(&self) {
        self.now.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// Has the network thread look for work soon: with the next [`Wake::notify`], as at the end of a frame, and a millisecond
    /// or two later at the latest. So what is sent one by one goes together, and the two threads do not wait for each other.
    pub fn notify_soon(&self) {
        // The look costs less than the exchange. Who sees that it is said already has sent before it is unsaid, which comes
        // before the network's thread looks.
        if !self.soon.load(Ordering::Acquire) && !self.soon.swap(true, Ordering::AcqRel) {
            self.notify.notify_one();
        }
    }

    /// Has what waits for [`Wake::notify_soon`] done now.
    pub fn notify_if_soon(&self) {
        if self.soon.load(Ordering::Acquire) {
            self.notify();
        }
    }

    /// Waits until there is something to do: also what was to be done when the waiting was cancelled.
    async fn notified(&self) {
        if !self.now.load(Ordering::Acquire) && !self.soon.load(Ordering::Acquire) {
            self.notify.notified().await;
        }
    }

    /// Waits for more, if there is only what may wait for it.
    async fn gathered(&self) {
        let gather = async {
            while !self.now.load(Ordering::Acquire) {
                self.notify.notified().await;
            }
        };
        // Whether it is over in time or not, what there is goes now.
        let _ = tokio::time::timeout(GATHER, gather).await;
    }

    /// What there is to do is done next: what is sent from now on is news.
    fn taken(&self) {
        self.now.swap(false, Ordering::AcqRel);
        self.soon.swap(false, Ordering::AcqRel);
    }
}

/// Who knows whether there is something in the socket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readiness {
    Tokio,
    Unknown,
}

/// Drives an [`Endpoint`] on a UDP socket. Lives on the network thread.
pub struct Driver {
    socket: UdpSocket,
    state: UdpSocketState,
    endpoint: Endpoint,
    buffers: Vec<Vec<u8>>,
    /// What is known of what is in the buffers.
    metas: Vec<RecvMeta>,
    out: Vec<u8>,
    /// What the socket did not take yet.
    blocked: Option<Transmit>,
}

impl Driver {
    /// Binds a UDP socket. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the socket cannot be bound.
    pub fn bind(addr: SocketAddr, endpoint: Endpoint) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind(addr)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let _ = state.set_send_buffer_size(UdpSockRef::from(&socket), SOCKET_BUFFER);
        let _ = state.set_recv_buffer_size(UdpSockRef::from(&socket), SOCKET_BUFFER);
        let socket = UdpSocket::from_std(socket)?;
        let segments = state.gro_segments().max(1);
        // Where the system puts datagrams together, a few of those are as much as should be read at once.
        let count = if segments > 1 {
            MAX_GRO_BATCH
        } else {
            BATCH_SIZE
        };
        Ok(Self {
            socket,
            state,
            endpoint,
            // Not copies of one, which the system would have to give memory for before it is used.
            buffers: (0..count.min(BATCH_SIZE))
                .map(|_| vec![0; MAX_DATAGRAM * segments])
                .collect(),
            metas: vec![RecvMeta::default(); BATCH_SIZE],
            out: Vec::new(),
            blocked: None,
        })
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The socket, to wait for.
    #[cfg(unix)]
    pub fn socket(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.socket)
    }

    /// The endpoint.
    pub fn endpoint(&mut self) -> &mut Endpoint {
        &mut self.endpoint
    }

    /// Waits until a datagram has come, a timer is due or somebody woke the thread, and handles it. May be cancelled
    /// at any time: nothing is lost, but that somebody woke the thread may be, so call [`Endpoint::pump`] before the next.
    pub async fn turn(&mut self, wake: &Wake) {
        self.flush();
        let now = Instant::now();
        let deadline = self
            .endpoint
            .poll_timeout()
            .unwrap_or(now + MAX_SLEEP)
            .min(now + MAX_SLEEP);
        // What the socket did not take goes a little later; what is due may wait for that.
        let deadline = match self.blocked {
            Some(_) => now + RETRY,
            None => deadline,
        };
        tokio::select! {
            ready = self.socket.readable() => {
                if ready.is_ok() {
                    self.receive(Readiness::Tokio);
                }
            }
            () = tokio::time::sleep_until(deadline.into()) => {}
            () = wake.notified() => {
                // What comes meanwhile is not kept waiting, nor is what goes then.
                tokio::select! {
                    () = wake.gathered() => {}
                    _ = self.socket.readable() => {}
                }
                wake.taken();
                // A game that never stops sending wakes it without end; tokio looks at sockets only when somebody waits.
                tokio::task::yield_now().await;
                self.receive(Readiness::Tokio);
            }
        }
        let now = Instant::now();
        self.endpoint.handle_timeout(now);
        self.endpoint.pump(now);
        self.flush();
    }

    /// Takes what has come, does what is due and sends what can be sent, without waiting for anything. For a thread that
    /// waits for the socket in its own way; [`Driver::turn`] is for all others. Returns when it is due again.
    pub fn work(&mut self) -> Option<Instant> {
        self.receive(Readiness::Unknown);
        let now = Instant::now();
        self.endpoint.handle_timeout(now);
        self.endpoint.pump(now);
        self.flush();
        match self.blocked {
            Some(_) => Some(now + RETRY),
            None => self.endpoint.poll_timeout(),
        }
    }

    fn receive(&mut self, readiness: Readiness) {
        let (mut read, mut handed_on) = (0, 0);
        while read < MAX_READ {
            let mut slices: Vec<IoSliceMut<'_>> = self
                .buffers
                .iter_mut()
                .map(|buffer| IoSliceMut::new(buffer))
                .collect();
            let (socket, state, metas) = (&self.socket, &self.state, &mut self.metas);
            let mut receive = || state.recv(UdpSockRef::from(socket), &mut slices, metas);
            let received = match readiness {
                Readiness::Tokio => socket.try_io(Interest::READABLE, receive),
                Readiness::Unknown => receive(),
            };
            let count = match received {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // What an earlier datagram to somebody who is gone came back with.
                Err(error) => {
                    debug!(%error, "receiving failed");
                    read += MIN_COUNTED;
                    continue;
                }
            };
            let now = Instant::now();
            for (meta, buffer) in self.metas.iter().zip(&self.buffers).take(count) {
                let ecn = meta.ecn.and_then(|ecn| EcnCodepoint::from_bits(ecn as u8));
                let Some(received) = buffer.get(..meta.len) else {
                    continue;
                };
                for datagram in received.chunks(meta.stride.max(1)) {
                    self.endpoint
                        .handle_datagram(now, meta.addr, ecn, BytesMut::from(datagram));
                }
                read += received.len().max(MIN_COUNTED);
                if read >= handed_on + HAND_ON {
                    self.endpoint.pump(now);
                    handed_on = read;
                }
            }
            // Tokio has to see that the socket is empty; everybody else finds out by waiting.
            if readiness == Readiness::Unknown && count < self.buffers.len() {
                return;
            }
        }
    }

    /// Sends what the endpoint has to send, until there is nothing or the socket takes no more.
    pub fn flush(&mut self) {
        let now = Instant::now();
        loop {
            let transmit = match self.blocked.take() {
                Some(transmit) => transmit,
                None => {
                    self.out.clear();
                    match self.endpoint.poll_transmit(
                        now,
                        self.state.max_gso_segments().min(MAX_SEGMENTS),
                        &mut self.out,
                    ) {
                        Some(transmit) => transmit,
                        None => return,
                    }
                }
            };
            let contents = self.out.get(..transmit.size).unwrap_or(&self.out);
            let (socket, state) = (&self.socket, &self.state);
            let sent = state.try_send(
                UdpSockRef::from(socket),
                &quinn_udp::Transmit {
                    destination: transmit.destination,
                    ecn: transmit
                        .ecn
                        .and_then(|ecn| quinn_udp::EcnCodepoint::from_bits(ecn as u8)),
                    contents,
                    segment_size: transmit.segment_size,
                    src_ip: None,
                },
            );
            match sent {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.blocked = Some(transmit);
                    return;
                }
                // As good as lost on the way; QUIC sends it again.
                Err(error) => debug!(%error, destination = %transmit.destination, "sending failed"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<R>(future: impl Future<Output = R>) -> R {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        runtime.block_on(future)
    }

    /// Far longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(10);

    async fn in_time(future: impl Future<Output = ()>) {
        tokio::time::timeout(PATIENCE, future)
            .await
            .expect("it is woken");
    }

    #[test]
    fn a_wait_that_is_cancelled_loses_no_news() {
        run(async {
            for tell in [Wake::notify, Wake::notify_soon] {
                let wake = Wake::default();
                tell(&wake);
                in_time(wake.notified()).await;
                // The one who waited is cancelled before the work, and waits again.
                in_time(wake.notified()).await;
                in_time(wake.gathered()).await;
                wake.taken();
                tell(&wake);
                in_time(wake.notified()).await;
            }
        });
    }

    #[test]
    fn what_is_sent_soon_goes_by_itself_and_at_once_when_the_frame_ends() {
        run(async {
            let wake = Wake::default();
            wake.notify_soon();
            wake.notify_soon();
            in_time(wake.notified()).await;
            // Nobody says that the frame has ended.
            in_time(wake.gathered()).await;
            wake.taken();
            // Nothing was sent: the end of a frame is no news.
            wake.notify_if_soon();
            assert!(!wake.now.load(Ordering::Acquire));
            wake.notify_soon();
            wake.notify_if_soon();
            in_time(wake.notified()).await;
            in_time(wake.gathered()).await;
            assert!(
                wake.now.load(Ordering::Acquire),
                "it did not wait for its time"
            );
        });
    }
}
