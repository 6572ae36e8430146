//! How a Godot process is started: its program, arguments, environment and log.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::game::Game;
use crate::godot::Engine;
use crate::output::Output;
use crate::scenario::Processes;

/// How long a script lives when nobody tells it to quit, in seconds.
const WATCHDOG_SECONDS: u32 = 180;

/// A process about to be started.
pub struct Launch {
    name: String,
    program: PathBuf,
    before: Vec<OsString>,
    engine_args: Vec<OsString>,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
    removed: Vec<OsString>,
    folder: PathBuf,
    logs: PathBuf,
    processes: Processes,
}

impl Launch {
    pub(crate) fn new(
        name: &str,
        project: &Path,
        data_dir: &Path,
        logs: &Path,
        processes: Processes,
    ) -> Launch {
        let mut launch = Launch {
            name: name.to_owned(),
            program: Engine::get().godot.clone(),
            before: Vec::new(),
            engine_args: vec!["--headless".into(), "--path".into(), project.into()],
            args: Vec::new(),
            envs: Vec::new(),
            removed: ["SteamAppId", "SteamGameId", "SAMOVAR_PROFILE", "DISPLAY"]
                .map(OsString::from)
                .to_vec(),
            folder: project.to_owned(),
            logs: logs.to_owned(),
            processes,
        };
        launch.set_env("SAMOVAR_DATA_DIR", data_dir);
        launch.set_env("SAMOVAR_TEST_WATCHDOG", WATCHDOG_SECONDS.to_string());
        // Editor settings and user:// stay inside the scenario.
        for variable in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            launch.set_env(variable, logs.join("home"));
        }
        launch
    }

    fn set_env(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let name = name.into();
        self.removed.retain(|removed| *removed != name);
        self.envs.retain(|(known, _)| *known != name);
        self.envs.push((name, value.into()));
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.set_env(name, value);
        self
    }

    /// Appends a command-line argument (after the engine's `--headless --path`).
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Loads a scene or a node's script beside the runner: the "game" that commands can address.
    #[must_use]
    pub fn scene(self, path: &str) -> Self {
        self.env("SAMOVAR_TEST_GAME", path)
    }

    /// Leaves `Steam.run_callbacks()` to the game's own scripts.
    #[must_use]
    pub fn without_callbacks(self) -> Self {
        self.env("SAMOVAR_TEST_CALLBACKS", "0")
    }

    /// Puts words before the program, as `ip netns exec NAME` needs; they must `exec` it.
    #[must_use]
    pub fn through(mut self, words: &[&str]) -> Self {
        self.before = words.iter().map(OsString::from).collect();
        self
    }

    /// Runs another program than the editor binary, with other engine arguments.
    #[must_use]
    pub fn program(mut self, program: &Path, engine_args: &[&str]) -> Self {
        program.clone_into(&mut self.program);
        self.engine_args = engine_args.iter().map(OsString::from).collect();
        self
    }

    /// The folder in which the process starts; the project's by default.
    #[must_use]
    pub fn current_dir(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// Starts the process.
    ///
    /// # Panics
    /// If the operating system refuses.
    #[must_use]
    pub fn start(mut self) -> Game {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let stem = format!("{}-{number}", self.name);
        let commands_path = self.logs.join(format!("{stem}.commands"));
        let commands = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&commands_path)
            .expect("the scenario's folder takes files");
        self.set_env("SAMOVAR_TEST_COMMANDS", commands_path);

        let mut words = self.before.iter().cloned();
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        // One pipe for both, so that an error's place among the printed lines is exact.
        let (reader, writer) = std::io::pipe().expect("the system has pipes");
        let second = writer.try_clone().expect("a pipe can be cloned");
        command
            .args(&self.engine_args)
            .args(&self.args)
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(second);
        for name in &self.removed {
            command.env_remove(name);
        }
        let started = Instant::now();
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", self.program.display()));
        // The command holds the pipe's writing ends; the reader must see the end of the output.
        drop(command);
        let output = Output::collect(reader, self.logs.join(format!("{stem}.log")));
        self.processes.lock().push((stem, Arc::clone(&output)));
        Game::new(self.name, child, output, commands, started)
    }
}
