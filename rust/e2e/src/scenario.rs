//! One scenario: its folder, its processes, and its place among scenarios that run at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex, MutexGuard};
use serde_json::json;

use crate::APP_ID;
use crate::game::Game;
use crate::launch::Launch;
use crate::output::Output;
use crate::project::{Project, ProjectOptions};

/// How many scenarios may run at once: they are full of deadlines, and CI runners have two cores.
const SCENARIOS_AT_ONCE: usize = 2;

static RUNNING: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// A place among the running scenarios, given back on drop.
struct Place(usize);

impl Place {
    fn take(size: usize) -> Place {
        let mut running: MutexGuard<'_, usize> = RUNNING.lock();
        while *running + size > SCENARIOS_AT_ONCE {
            FREED.wait(&mut running);
        }
        *running += size;
        Place(size)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *RUNNING.lock() -= self.0;
        FREED.notify_all();
    }
}

/// The processes of a scenario, for the failure message.
pub(crate) type Processes = Arc<Mutex<Vec<(String, Arc<Output>)>>>;

/// One end-to-end scenario.
///
/// Its games share a project and one data folder, so they are users of one computer. On drop
/// during a panic it prints what every one of its processes printed.
pub struct Scenario {
    name: &'static str,
    project: Project,
    processes: Processes,
    folder: tempfile::TempDir,
    _place: Place,
}

impl Scenario {
    /// A scenario on loopback with a project of its own.
    #[must_use]
    pub fn new(name: &'static str) -> Scenario {
        Scenario::with(name, &ProjectOptions::default())
    }

    /// A scenario whose project has further settings.
    #[must_use]
    pub fn with(name: &'static str, options: &ProjectOptions) -> Scenario {
        Scenario::create(name, options, 1)
    }

    /// A scenario beside which no other runs: for many processes, and for measurements.
    #[must_use]
    pub fn alone(name: &'static str) -> Scenario {
        Scenario::create(name, &ProjectOptions::default(), SCENARIOS_AT_ONCE)
    }

    /// [`Scenario::alone`] whose project has further settings.
    #[must_use]
    pub fn alone_with(name: &'static str, options: &ProjectOptions) -> Scenario {
        Scenario::create(name, options, SCENARIOS_AT_ONCE)
    }

    fn create(name: &'static str, options: &ProjectOptions, size: usize) -> Scenario {
        let place = Place::take(size);
        let folder = tempfile::Builder::new()
            .prefix(&format!("samovar-{name}-"))
            .tempdir()
            .expect("the system's temporary folder takes a folder");
        let project = Project::create(&folder.path().join("project"), options);
        Scenario {
            name,
            project,
            processes: Processes::default(),
            folder,
            _place: place,
        }
    }

    /// The scenario's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The project that its games run.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The scenario's temporary folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder of the computer called `machine`; games on `""` share the default one.
    #[must_use]
    pub fn data_dir(&self, machine: &str) -> PathBuf {
        let suffix = if machine.is_empty() { "" } else { "-" };
        self.folder.path().join(format!("data{suffix}{machine}"))
    }

    /// Prepares a process called `name` (for messages and its log; not its persona).
    #[must_use]
    pub fn launch(&self, name: &str) -> Launch {
        self.launch_in(name, self.project.folder())
    }

    /// [`Scenario::launch`] with another project.
    #[must_use]
    pub fn launch_in(&self, name: &str, project: &Path) -> Launch {
        Launch::new(
            name,
            project,
            &self.data_dir(""),
            self.folder.path(),
            Arc::clone(&self.processes),
        )
    }

    /// Starts a game that has not called `steamInit` yet.
    #[must_use]
    pub fn game(&self, name: &str) -> Game {
        self.launch(name).start()
    }

    /// Starts a game and initialises Steam with [`APP_ID`]; it need not be connected yet.
    #[must_use]
    pub fn player(&self, name: &str) -> Game {
        let game = self.game(name);
        game.init(APP_ID);
        game
    }

    /// Ends all games politely and checks how they ended.
    ///
    /// # Panics
    /// See [`Game::finish`].
    pub fn finish<const N: usize>(&self, games: [Game; N]) {
        self.finish_all(games.into_iter().collect());
    }

    /// [`Scenario::finish`] for any number of games.
    ///
    /// # Panics
    /// See [`Game::finish`].
    pub fn finish_all(&self, games: Vec<Game>) {
        for game in &games {
            game.send(&json!({ "do": "quit", "code": 0 }));
        }
        for game in games {
            game.wait_finished();
        }
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for (name, output) in self.processes.lock().iter() {
            eprintln!("---- {}: output of {name} ----", self.name);
            for line in output.lines() {
                eprintln!("{}", shown(&line.text));
            }
        }
        eprintln!("---- end of output ----");
    }
}

/// The beginning of a line: games that are given megabytes print them, and nobody finds the failure below them.
fn shown(line: &str) -> &str {
    const LONGEST: usize = 2000;
    &line[..line.floor_char_boundary(LONGEST)]
}
