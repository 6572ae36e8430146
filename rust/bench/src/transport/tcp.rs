//! A stream, each message behind its length.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Transport, wait_for};
use crate::process::Lines;

/// How much waits at most to be written.
const MAX_WAITING: usize = 256 * 1024;

pub(super) struct Tcp {
    stream: TcpStream,
    waiting: Vec<u8>,
    written: usize,
    input: Vec<u8>,
    chunk: Vec<u8>,
}

impl Tcp {
    pub(super) fn connect(lines: &mut Lines, is_near: bool) -> Result<Self> {
        let stream = if is_near {
            TcpStream::connect(lines.wait("address")?)?
        } else {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            lines.say(&format!("address {}", listener.local_addr()?))?;
            listener.accept()?.0
        };
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            waiting: Vec::new(),
            written: 0,
            input: Vec::new(),
            chunk: vec![0; 256 * 1024],
        })
    }

    fn write(&mut self) -> Result<()> {
        while self.written < self.waiting.len() {
            match self.stream.write(&self.waiting[self.written..]) {
                Ok(written) => self.written += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        self.waiting.clear();
        self.written = 0;
        Ok(())
    }

    /// Hands over the messages that have come; whether there were bytes.
    fn read(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let read = match self.stream.read(&mut self.chunk) {
            Ok(0) => bail!("the other process has closed the stream"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        self.input.extend_from_slice(&self.chunk[..read]);
        let mut at = 0;
        while let Some(length) = self.input[at..].first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length))?;
            let Some(message) = self.input.get(at + 4..at + 4 + length) else {
                break;
            };
            take(message);
            at += 4 + length;
        }
        self.input.drain(..at);
        Ok(true)
    }
}

impl Transport for Tcp {
    fn send(&mut self, _reliable: bool, message: &[u8]) -> bool {
        let Ok(length) = u32::try_from(message.len()) else {
            return false;
        };
        if self.waiting.len() >= MAX_WAITING {
            return false;
        }
        self.waiting.extend_from_slice(&length.to_be_bytes());
        self.waiting.extend_from_slice(message);
        true
    }

    fn flush(&mut self) -> Result<()> {
        self.write()
    }

    fn turn(&mut self, wait: Duration, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.write()?;
        if !self.read(take)? && !wait.is_zero() {
            wait_for(&self.stream, !self.waiting.is_empty(), wait)?;
            self.write()?;
            self.read(take)?;
        }
        Ok(())
    }
}
