//! What goes back and forth between the endpoint, the directory and the game.

use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use samovar_lobby::{Command, Event, ToDirectory, frame};
use samovar_net::{EndpointEvent, SessionEvent};
use samovar_server::{Client, Host, HostOutput};
use tracing::{debug, warn};

use super::Worker;
use super::home::State;
use super::people::Aside;
use crate::callback::Callback;
use crate::translate;

/// Rounds of handing things on in one step; what is left waits for the next.
const MAX_ROUNDS: usize = 16;

impl Worker {
    /// Hands on what waits between the endpoint, the directory, the mirror and the game until nothing is left.
    pub(super) fn exchange(&mut self, now: Instant) {
        let keeps = &self.setup.shared.keeps_directory;
        keeps.store(self.host.is_some(), Ordering::Relaxed);
        for _ in 0..MAX_ROUNDS {
            let moved = self.take_endpoint_events(now) | self.send_commands(now) | self.serve(now);
            self.setup.shared.pump_sockets();
            self.tell_game();
            if !moved {
                return;
            }
        }
        self.driver.endpoint().pump(now);
    }

    fn take_endpoint_events(&mut self, now: Instant) -> bool {
        let mut any = false;
        while let Some(event) = self.driver.endpoint().poll_event() {
            any = true;
            self.endpoint_event(now, event);
        }
        any
    }

    fn endpoint_event(&mut self, now: Instant, event: EndpointEvent) {
        let now_ms = self.setup.shared.now_ms();
        match event {
            EndpointEvent::LinkOpened {
                link,
                inbound: true,
                key,
                ..
            } => match &mut self.host {
                Some(host) => host.opened(Client::Link(link), key),
                None => self.driver.endpoint().close_link(now, link, 0),
            },
            EndpointEvent::LinkOpened { link, .. } => self.link_opened(now, link),
            EndpointEvent::LinkFrame { link, frame } => {
                if matches!(self.home.state, State::Client { link: home, .. } if home == link) {
                    self.heard(now, &frame);
                } else if self.rivals.is_probe(link) {
                    self.rival_answered(now, link, &frame);
                } else if let Some(host) = &mut self.host {
                    host.frame(now_ms, Client::Link(link), frame);
                }
            }
            EndpointEvent::LinkClosed {
                link,
                inbound: true,
                ..
            } => {
                if let Some(host) = &mut self.host {
                    host.closed(now_ms, Client::Link(link));
                }
            }
            EndpointEvent::LinkClosed { link, reason, .. } => {
                self.link_closed(now, link, reason.is_strain());
            }
            EndpointEvent::Signal { to, payload } => {
                if self.home.is_welcomed() {
                    self.tell_directory(
                        now,
                        &ToDirectory::Command(Command::Signal {
                            to,
                            payload: payload.to_vec(),
                        }),
                    );
                }
            }
            EndpointEvent::Session(event) => self.session_event(event),
        }
    }

    fn session_event(&mut self, event: SessionEvent) {
        if let Some(callback) = translate::session_event(event) {
            self.setup.shared.callbacks.push(callback);
        }
    }

    /// Sends what the game asked of the directory, in order, while there is one.
    fn send_commands(&mut self, now: Instant) -> bool {
        let mut any = false;
        while self.home.is_welcomed() {
            let now_ms = self.setup.shared.now_ms();
            let Some(command) = self.setup.shared.mirror.lock().poll_command(now_ms) else {
                break;
            };
            any = true;
            self.tell_directory(now, &ToDirectory::Command(command));
        }
        any
    }

    pub(super) fn tell_directory(&mut self, now: Instant, message: &ToDirectory) {
        let bytes = match frame::encode(message) {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) => {
                if self.seldom.may_say("frame", now) {
                    warn!(%error, "a frame that does not fit");
                }
                return;
            }
        };
        match &self.home.state {
            State::Local => {
                if let Some(host) = &mut self.host {
                    host.frame(self.setup.shared.now_ms(), Client::Local, bytes);
                }
            }
            State::Client { link, .. } => {
                let link = *link;
                if let Err(error) = self.driver.endpoint().send_frame(link, &bytes) {
                    // The mirror sends what is unanswered again once there is a link that takes it.
                    if self.seldom.may_say("slow", now) {
                        warn!(%error, "the directory does not keep up");
                    }
                    self.driver.endpoint().close_link(now, link, 0);
                    self.link_closed(now, link, true);
                }
            }
            _ => {}
        }
    }

    /// Has the hosted directory do what it may in this turn, and carries out what it wants.
    fn serve(&mut self, now: Instant) -> bool {
        let Some(mut host) = self.host.take() else {
            return false;
        };
        let endpoint = self.driver.endpoint();
        host.work(self.setup.shared.now_ms(), |client| match client {
            Client::Link(link) => endpoint.link_backlog(link),
            Client::Local => 0,
        });
        let local = self.send_host_outputs(now, &mut host);
        self.host = Some(host);
        let any = !local.is_empty();
        for frame in local {
            self.heard(now, &frame);
        }
        any
    }

    /// Sends over links; returns the frames for the user of this process.
    pub(super) fn send_host_outputs(&mut self, now: Instant, host: &mut Host) -> Vec<Bytes> {
        let mut local = Vec::new();
        while let Some(output) = host.poll_output() {
            match output {
                HostOutput::Send {
                    client: Client::Local,
                    frame,
                } => local.push(frame),
                HostOutput::Send {
                    client: Client::Link(link),
                    frame,
                } => {
                    if let Err(error) = self.driver.endpoint().send_shared_frame(link, &frame) {
                        debug!(?link, %error, "a client does not keep up");
                        self.driver.endpoint().close_link(now, link, 0);
                        host.closed(self.setup.shared.now_ms(), Client::Link(link));
                    }
                }
                HostOutput::Close {
                    client: Client::Link(link),
                    reason,
                } => {
                    self.driver.endpoint().close_link(now, link, reason);
                    host.closed(self.setup.shared.now_ms(), Client::Link(link));
                }
                HostOutput::Admit {
                    client: Client::Link(link),
                } => self.driver.endpoint().admit_link(now, link),
                HostOutput::Hold {
                    client: Client::Link(link),
                    held,
                } => self.driver.endpoint().hold_link(now, link, held),
                HostOutput::Close {
                    client: Client::Local,
                    ..
                }
                | HostOutput::Admit {
                    client: Client::Local,
                }
                | HostOutput::Hold {
                    client: Client::Local,
                    ..
                } => {}
            }
        }
        local
    }

    /// The directory reported something.
    pub(super) fn event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Signal { from, payload } => {
                self.driver.endpoint().handle_signal(now, from, &payload);
            }
            event => {
                let now_ms = self.setup.shared.now_ms();
                self.setup.shared.mirror.lock().handle_event(now_ms, event);
            }
        }
    }

    fn tell_game(&mut self) {
        loop {
            let mut mirror = self.setup.shared.mirror.lock();
            let Some(notice) = mirror.poll_notice() else {
                return;
            };
            let aside = Aside::of(&notice);
            let creation = mirror.polled_creation();
            if let Some(callback) = translate::notice(notice, creation) {
                let accepted = self.accepted(&callback);
                self.setup.shared.callbacks.push(callback);
                if let Some(accepted) = accepted {
                    self.setup.shared.callbacks.push(accepted);
                }
            }
            drop(mirror);
            if let Some(aside) = aside {
                self.heed(&aside);
            }
        }
    }

    /// What follows an invitation where each counts as accepted.
    fn accepted(&self, callback: &Callback) -> Option<Callback> {
        if !self.setup.config.accept_invites {
            return None;
        }
        match callback {
            Callback::LobbyInvite { inviter, lobby, .. } => Some(Callback::JoinRequested {
                lobby: *lobby,
                user: *inviter,
            }),
            Callback::GameInvited { user, connect } => Some(Callback::JoinGameRequested {
                user: *user,
                connect: connect.clone(),
            }),
            _ => None,
        }
    }
}
