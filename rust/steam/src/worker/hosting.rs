//! Answering for this machine: hosting the directory here, or vouching for one elsewhere on the LAN.

use std::time::Instant;

use samovar_lobby::{DirectoryConfig, DirectoryId, FromDirectory, SealKey};
use samovar_net::PublicKey;
use samovar_server::{Client, Host};
use tracing::{debug, info, warn};

use super::Worker;
use super::home::{State, Target};
use super::standings::Pause;
use crate::discovery::Announcement;
use crate::files;
use crate::locator::{Host as RecordHost, Record, UpdateError};
use crate::rank;

impl Worker {
    /// Takes the machine's seat, if nobody was faster, and hosts the directory.
    pub(super) fn take_seat(&mut self, now: Instant, beyond: Option<u64>) {
        let Some(directory) = self.random(now) else {
            return;
        };
        let record = self.own_record(directory);
        self.note_last();
        match self.locator.claim(now, beyond, |_| record) {
            Ok(Some(claim)) => {
                debug!(term = claim.term(), "this process answers for the machine");
                self.claim = Some(claim);
                self.folder_pause = Pause::default();
                self.host_as(now, directory);
            }
            Ok(None) => {}
            Err(error) => {
                self.say_unclaimed(now, &error);
                self.without_folder(now);
            }
        }
    }

    /// The members of the machine's last directory may come here, also when this process has just started and has not
    /// been there.
    fn note_last(&mut self) {
        if let Some(last) = self.locator.last_record() {
            let key = PublicKey(last.key);
            self.directories
                .note(DirectoryId(last.directory), None, key);
        }
    }

    /// Takes the machine's seat, if it is still free, for the directory that this process hosts already.
    pub(super) fn take_seat_for_own(&mut self, now: Instant) {
        let Some(directory) = self.host.as_ref().map(|host| host.id().0) else {
            return;
        };
        let record = self.own_record(directory);
        match self.locator.claim(now, None, |_| record) {
            Ok(claim) => {
                self.claim = claim;
                self.folder_pause = Pause::default();
            }
            Err(error) => {
                self.say_unclaimed(now, &error);
                self.folder_pause.failed(now);
            }
        }
    }

    fn say_unclaimed(&mut self, now: Instant, error: &std::io::Error) {
        if self.seldom.may_say("seat", now) {
            warn!(%error, "other games on this computer may not find this one: the machine's directory cannot be claimed");
        }
    }

    /// Hosts a new directory without answering for the machine: nobody's seat is touched.
    pub(super) fn host_beside(&mut self, now: Instant) {
        let Some(directory) = self.random(now) else {
            return;
        };
        self.note_last();
        self.host_as(now, directory);
    }

    /// Hosts a new directory under the claim that this process already holds.
    pub(super) fn host_here(&mut self, now: Instant) {
        let Some(directory) = self.random(now) else {
            return;
        };
        let record = self.own_record(directory);
        match self.claim.as_ref().map(|claim| claim.update(record)) {
            Some(Ok(())) => self.host_as(now, directory),
            Some(Err(UpdateError::Superseded(_))) | None => self.claim = None,
            Some(Err(UpdateError::Io(error))) => {
                // Others must not be sent to what the record still says.
                self.claim = None;
                self.say_unclaimed(now, &error);
                self.without_folder(now);
            }
        }
    }

    /// Holds the seat for a directory on another machine, after whoever held it has ended.
    pub(super) fn vouch(&mut self, now: Instant) {
        let State::Client { target, .. } = &self.home.state else {
            return;
        };
        let record = remote_record(target);
        match self.locator.claim(now, None, |_| record) {
            Ok(Some(claim)) => {
                if let State::Client { target, .. } = &mut self.home.state {
                    target.seat = Some(claim.term());
                }
                self.claim = Some(claim);
                self.start_discovery();
            }
            Ok(None) => {}
            Err(error) => {
                self.say_unclaimed(now, &error);
                self.folder_pause.failed(now);
            }
        }
        self.next_survey = now;
    }

    /// Stops hosting in favour of `target`, which every client here is told of.
    pub(super) fn stand_down(&mut self, now: Instant, target: &Target, term: u64) {
        let Some(mut host) = self.host.take() else {
            return;
        };
        info!(?target, "this directory stands down for another");
        host.stand_down(&FromDirectory::Moved {
            addrs: target.addrs.clone(),
            key: target.key,
            directory: DirectoryId(target.directory),
            term,
        });
        self.send_host_outputs(now, &mut host);
        self.driver.endpoint().set_hosting(false);
        if let Some(discovery) = &mut self.discovery {
            discovery.withdraw();
        }
        if let Some(claim) = &self.claim
            && claim.update(remote_record(target)).is_err()
        {
            self.claim = None;
        }
    }

    /// A process that was stopped learns here that another has taken its place.
    pub(super) fn heed_supersession(&mut self, now: Instant) {
        let Some(claim) = &self.claim else { return };
        let superseded = match claim.superseded() {
            Ok(Some(superseded)) => superseded,
            Ok(None) => return,
            Err(error) => {
                if self.seldom.may_say("record", now) {
                    warn!(%error, "the directory's record cannot be read");
                }
                return;
            }
        };
        info!(
            ?superseded,
            "another process answers for this machine by now"
        );
        self.claim = None;
        self.discovery = None;
        if let Some(record) = superseded.record {
            self.stand_down(now, &Target::from(record), 0);
        } else {
            self.host = None;
            self.driver.endpoint().set_hosting(false);
        }
        self.search(now);
    }

    fn host_as(&mut self, now: Instant, directory: u64) {
        let seed = match files::random_seed() {
            Ok(seed) => seed,
            Err(error) => return self.say_no_random(now, &error),
        };
        let Some(key) = SealKey::from_pkcs8(self.setup.identity.pkcs8()) else {
            if self.seldom.may_say("key", now) {
                warn!("the profile's key cannot sign");
            }
            return;
        };
        let seat = self.claim.as_ref().map_or(0, crate::locator::Claim::term);
        // One beside a directory that refuses this user must not take that one's place.
        let island = self.home.is_refused.then_some(1);
        let term = seat.max(island.unwrap_or_else(|| rank::next(self.known_term)));
        self.known_term = term;
        info!(term, "hosting the directory");
        let config = DirectoryConfig {
            grace_ms: u64::try_from(self.setup.config.lobby_grace.as_millis()).unwrap_or(u64::MAX),
            app_id: Some(self.setup.config.app_id),
            ..DirectoryConfig::default()
        };
        let mut host = Host::new(config, DirectoryId(directory), term, seed, key);
        self.directories.tell(&mut host);
        let own = self.setup.identity.public_key();
        self.directories
            .note(DirectoryId(directory), Some(term), own);
        host.opened(Client::Local, self.setup.identity.public_key());
        self.driver.endpoint().set_hosting(true);
        self.attention.concerns(None);
        self.home.state = State::Local;
        let now_ms = self.setup.shared.now_ms();
        let resume = self.setup.shared.mirror.lock().resume(now_ms);
        if let Some(hello) = self.hello(Some(resume)) {
            host.frame(self.setup.shared.now_ms(), Client::Local, hello);
        }
        self.host = Some(host);
        self.forget_probes(now);
        self.start_discovery();
        if let Some(discovery) = &mut self.discovery {
            discovery.announce(&Announcement {
                app_id: self.setup.config.app_id,
                directory,
                term,
                key: self.setup.identity.public_key().0,
                protocol: samovar_lobby::PROTOCOL_VERSION,
                port: self.port,
            });
        }
        self.exchange(now);
    }

    fn random(&mut self, now: Instant) -> Option<u64> {
        files::random_u64()
            .inspect_err(|error| self.say_no_random(now, error))
            .ok()
    }

    fn say_no_random(&mut self, now: Instant, error: &std::io::Error) {
        if self.seldom.may_say("random", now) {
            warn!(%error, "no random numbers");
        }
    }

    fn own_record(&self, directory: u64) -> Record {
        Record {
            term: 0,
            directory,
            addrs: vec![self.loopback()],
            key: self.setup.identity.public_key().0,
            host: RecordHost::Local,
        }
    }
}

fn remote_record(target: &Target) -> Record {
    Record {
        term: 0,
        directory: target.directory,
        addrs: target.addrs.clone(),
        key: target.key,
        host: RecordHost::Remote,
    }
}
