//! Bare datagrams.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use anyhow::Result;
use quinn_udp::{UdpSockRef, UdpSocketState};

use super::{SOCKET_BUFFER, Transport, exchange_addresses};
use crate::process::Lines;

/// Setting it for each turn would cost a system call.
const READ_TIMEOUT: Duration = Duration::from_millis(5);

pub(super) struct Udp {
    socket: UdpSocket,
    buffer: Vec<u8>,
}

/// A UDP socket on loopback with buffers as large as everybody's.
pub(super) fn socket() -> Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let reference = || UdpSockRef::from(&socket);
    let state = UdpSocketState::new(reference())?;
    state.set_send_buffer_size(reference(), SOCKET_BUFFER)?;
    state.set_recv_buffer_size(reference(), SOCKET_BUFFER)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

impl Udp {
    pub(super) fn connect(lines: &mut Lines) -> Result<Self> {
        let socket = socket()?;
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(READ_TIMEOUT))?;
        socket.connect(exchange_addresses(lines, socket.local_addr()?)?)?;
        Ok(Self {
            socket,
            buffer: vec![0; 65_536],
        })
    }
}

impl Transport for Udp {
    fn send(&mut self, _reliable: bool, message: &[u8]) -> bool {
        // What the other's buffer has no room for is lost, as it would be on the way.
        self.socket.send(message).is_ok()
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn turn(&mut self, wait: Duration, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        if wait.is_zero() {
            return Ok(());
        }
        match self.socket.recv(&mut self.buffer) {
            Ok(size) => take(&self.buffer[..size]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
