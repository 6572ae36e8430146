//! Finding directories on the LAN, and being found: DNS-SD over multicast DNS.
//!
//! What is announced reveals only what a directory tells everybody who connects. Anybody on the LAN can announce
//! anything: an announcement is a place to try, and the key in it only decides whom the caller talks to there.

mod addresses;
mod announcement;
mod neighbours;

pub use addresses::{MAX_LOCAL_ADDRESSES, local_addresses};
pub use announcement::{Announcement, MAX_NEIGHBOUR_ADDRS, Neighbour};
pub use neighbours::{Discovered, MAX_NEIGHBOURS, MAX_NEIGHBOURS_AT_ONE_ADDRESS};

use std::io;
use std::time::Duration;

use mdns_sd::{DaemonStatus, IfKind, Receiver, RecvTimeoutError, ServiceDaemon, ServiceEvent};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::files;
use announcement::{Label, SERVICE_TYPE};
use neighbours::Neighbours;

/// How often this announces itself again, and reminds its caller of who is known.
///
/// Repeating the announcement is what makes both sides of a healed network cut find each other: queries are answered
/// only with what the asker does not hold in its cache, and a cache may hold an announcement of before the cut.
pub const REPEAT: Duration = Duration::from_secs(5);
/// How often the daemon looks for interfaces that came or went, in seconds.
const INTERFACE_CHECK_SECS: u32 = 2;
/// How long to wait before browsing again after the daemon has dropped a caller that did not listen.
const BROWSE_PAUSE: Duration = Duration::from_secs(1);
/// How long dropping waits for the daemon's thread to say goodbye on the network and end. Beyond it the thread goes on by
/// itself, and [`finish`] waits for it.
const GOODBYE_PATIENCE: Duration = Duration::from_millis(10);
/// How long [`finish`] waits for all threads that were not done.
const FINISH_PATIENCE: Duration = Duration::from_millis(300);
/// The most threads that are waited for at the end.
const MAX_UNFINISHED: usize = 16;

/// What tells that a daemon's thread, which was not done in time, has ended.
static UNFINISHED: Mutex<Vec<Receiver<DaemonStatus>>> = Mutex::new(Vec::new());

/// Waits, up to 300 ms, until the threads of every [`Discovery`] that was dropped have ended. To be called before the
/// library that holds their code is unloaded.
pub fn finish() {
    let deadline = std::time::Instant::now() + FINISH_PATIENCE;
    let unfinished = std::mem::take(&mut *UNFINISHED.lock());
    for ended in unfinished {
        let _ = ended.recv_deadline(deadline);
    }
}

/// Announces this machine's directory of an app on the LAN and finds those that others have for the same app. What is
/// announced for other apps is as if it were not there.
///
/// Not guaranteed: that multicast gets through (many guest Wi-Fi networks drop it), that a [`Discovered::Lost`] comes
/// soon (a neighbour that vanishes without a goodbye is forgotten after two minutes), or that a known neighbour still
/// listens. A directory is found within about 1 s when it is announced, and within [`REPEAT`] after a cut has healed
/// (3 s more where the cut took the interface down), as long as its announcer keeps polling [`Discovery::next`].
#[derive(Debug)]
pub struct Discovery {
    daemon: Option<Daemon>,
    neighbours: Neighbours,
    announced: Option<(Announcement, Label)>,
    repeat_at: Instant,
    /// Distinguishes this process's announcements; random.
    tag: u64,
    /// How many different announcements there were.
    version: u64,
}

impl Discovery {
    /// With `lan`, starts the daemon's thread, which opens sockets on UDP port 5353, and looks for announcements.
    /// Without, starts nothing: announcing has no effect and [`Discovery::next`] never yields.
    ///
    /// # Errors
    /// When the thread cannot be started. That multicast is not possible is no error: then nobody is found.
    pub fn start(lan: bool, app_id: u32) -> io::Result<Self> {
        let tag = files::random_u64()?;
        Ok(Self {
            daemon: if lan {
                Some(Daemon::start().map_err(io::Error::other)?)
            } else {
                None
            },
            neighbours: Neighbours::new(tag, app_id),
            announced: None,
            repeat_at: Instant::now() + REPEAT,
            tag,
            version: 0,
        })
    }

    /// Announces `announcement` from now on, instead of any earlier one, with this machine's addresses on each
    /// interface as they come and go. Announcing the same again has no effect.
    pub fn announce(&mut self, announcement: &Announcement) {
        if self
            .announced
            .as_ref()
            .is_some_and(|(announced, _)| announced == announcement)
        {
            return;
        }
        self.withdraw();
        // A new label for each change: whoever missed the old one's goodbye still learns of the new one.
        self.version += 1;
        self.announced = Some((
            *announcement,
            Label {
                tag: self.tag,
                version: self.version,
            },
        ));
        self.repeat_announcement();
    }

    /// Stops announcing and says goodbye, so that others forget it at once.
    pub fn withdraw(&mut self) {
        if let (Some(daemon), Some((_, label))) = (&self.daemon, self.announced.take()) {
            daemon.try_to("withdraw", |daemon| {
                daemon.unregister(&label.full_name()).map(drop)
            });
        }
    }

    /// The directories that others announce for the app at this moment, as far as known; at most [`MAX_NEIGHBOURS`].
    pub fn known(&self) -> impl Iterator<Item = &Neighbour> {
        self.neighbours.known()
    }

    /// Waits for the next directory that appears, changes or vanishes. Known ones are found again every [`REPEAT`],
    /// as a reminder to try those that the caller is not connected to.
    ///
    /// Never yields this instance's own announcement; does yield those of other processes of the same machine, and of
    /// the directory that the caller is connected to. Dropping the future loses nothing. Has to be polled for
    /// announcements to be repeated; needs tokio's timer.
    pub async fn next(&mut self) -> Discovered {
        loop {
            if let Some(discovered) = self.neighbours.poll() {
                return discovered;
            }
            let Some(daemon) = &mut self.daemon else {
                return std::future::pending().await;
            };
            tokio::select! {
                event = daemon.event() => self.neighbours.handle(event),
                () = tokio::time::sleep_until(self.repeat_at) => {
                    self.repeat_at = Instant::now() + REPEAT;
                    self.neighbours.remind();
                    self.repeat_announcement();
                }
            }
        }
    }

    fn repeat_announcement(&self) {
        let (Some(daemon), Some((announcement, label))) = (&self.daemon, &self.announced) else {
            return;
        };
        daemon.try_to("announce", |daemon| {
            daemon.register(announcement.to_service(*label)?)
        });
    }
}

/// The thread that speaks multicast DNS, ended when this is dropped.
struct Daemon {
    handle: ServiceDaemon,
    events: Option<Receiver<ServiceEvent>>,
}

impl Daemon {
    fn start() -> mdns_sd::Result<Self> {
        let mut daemon = Self {
            handle: ServiceDaemon::new()?,
            events: None,
        };
        daemon.handle.set_ip_check_interval(INTERFACE_CHECK_SECS)?;
        // Candidates are IPv4, see `local_addresses`.
        daemon.handle.disable_interface(IfKind::IPv6)?;
        daemon.events = Some(daemon.handle.browse(SERVICE_TYPE)?);
        Ok(daemon)
    }

    /// Waits for the next event. Dropping the future loses nothing.
    async fn event(&mut self) -> ServiceEvent {
        loop {
            if let Some(events) = &self.events {
                if let Ok(event) = events.recv_async().await {
                    return event;
                }
                // The daemon drops a listener that has not listened for a thousand events.
                self.events = None;
            }
            tokio::time::sleep(BROWSE_PAUSE).await;
            self.events = self.try_to("browse", |daemon| daemon.browse(SERVICE_TYPE));
        }
    }

    fn try_to<T>(
        &self,
        what: &str,
        act: impl FnOnce(&ServiceDaemon) -> mdns_sd::Result<T>,
    ) -> Option<T> {
        act(&self.handle)
            .inspect_err(|error| {
                if crate::seldom::may_say("discovery fails") {
                    tracing::warn!(%error, "discovery on the LAN cannot {what}");
                }
            })
            .ok()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let Ok(ended) = self.handle.shutdown() else {
            return;
        };
        if ended.recv_timeout(GOODBYE_PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let mut unfinished = UNFINISHED.lock();
            unfinished.retain(|other| other.is_empty() && !other.is_disconnected());
            if unfinished.len() < MAX_UNFINISHED {
                unfinished.push(ended);
            }
        }
    }
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
