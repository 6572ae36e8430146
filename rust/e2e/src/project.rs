//! A throw-away Godot project with the addon in it, ready to run without an import.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::godot::{Engine, repository_root};

/// The scene that carries `tests/lib/runner.gd`.
pub(crate) const RUNNER_SCENE: &str = "res://tests/lib/runner.tscn";

/// Settings of a project, beyond what every scenario needs.
#[derive(Debug, Clone, Default)]
pub struct ProjectOptions {
    /// The main scene; the runner's when `None`.
    pub main_scene: Option<String>,
    /// Further project settings: full name (`samovar/network/lan`) and the value as
    /// `project.godot` writes it (`true`, `480`, `"text"`).
    pub settings: Vec<(String, String)>,
}

impl ProjectOptions {
    /// Adds a project setting; `value` is written as it is.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A Godot project in a folder of its own.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// Writes a project into `folder`, which must not exist.
    ///
    /// Only `samovar/network/lan=false` and what the harness needs are set; `options` comes last
    /// and wins.
    ///
    /// # Panics
    /// If a file cannot be written.
    #[must_use]
    pub fn create(folder: &Path, options: &ProjectOptions) -> Project {
        let project = Project {
            folder: folder.to_owned(),
        };
        let tests = repository_root().join("godot-project/tests");
        make_folder(folder);
        copy_tree(&tests, &folder.join("tests"));
        project.install_addon();
        project.write("project.godot", &project_file(options));
        project.list_extension();
        project
    }

    /// A copy of the demo, with the library under test, into `folder`, which must not exist.
    ///
    /// # Panics
    /// If a file cannot be copied.
    #[must_use]
    pub fn copy_of_demo(folder: &Path) -> Project {
        Project::copy_of("godot-project", folder)
    }

    /// A copy of one of the repository's projects, with the library under test, into `folder`, which must not exist.
    ///
    /// # Panics
    /// If a file cannot be copied.
    #[must_use]
    pub fn copy_of(name: &str, folder: &Path) -> Project {
        let project = Project {
            folder: folder.to_owned(),
        };
        make_folder(folder);
        for entry in read_folder(&repository_root().join(name)) {
            let name = entry.file_name().expect("a folder's entry has a name");
            // The addon is a link in the repository, .godot a cache.
            if name != "addons" && name != ".godot" {
                copy_any(&entry, &folder.join(name));
            }
        }
        project.install_addon();
        project.list_extension();
        project
    }

    /// The project's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file inside the project.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        make_folder(path.parent().expect("a file in the project has a folder"));
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Removes what an import wrote, so that the next one is a first import.
    pub fn forget_import(&self) {
        // It may not be there yet.
        let _ = fs::remove_dir_all(self.folder.join(".godot"));
        self.list_extension();
    }

    /// Godot loads only the extensions that this file lists. The editor would write it, but a
    /// headless one that has just found an extension for the first time may abort at its exit
    /// (Godot's issue 111048).
    fn list_extension(&self) {
        self.write(
            ".godot/extension_list.cfg",
            "res://addons/samovar/samovar.gdextension\n",
        );
    }

    fn install_addon(&self) {
        let addon = repository_root().join("addons/samovar");
        let there = self.folder.join("addons/samovar");
        make_folder(&there);
        for entry in read_folder(&addon) {
            let name = entry.file_name().expect("a folder's entry has a name");
            // The built release library is not what is under test.
            if name != "bin" {
                copy_any(&entry, &there.join(name));
            }
        }
        let extension = there.join("samovar.gdextension");
        let text = fs::read_to_string(&extension)
            .unwrap_or_else(|error| panic!("{}: {error}", extension.display()));
        let libraries = libraries_for_this_system(&text);
        assert!(
            !libraries.is_empty(),
            "samovar.gdextension has no library for this system:\n{text}"
        );
        for library in libraries {
            let path = match library.strip_prefix("res://") {
                Some(inside) => self.folder.join(inside),
                None => there.join(&library),
            };
            make_folder(path.parent().expect("a library has a folder"));
            link_or_copy(&Engine::get().library, &path);
        }
    }
}

/// The paths that the `[libraries]` section names for the running system, debug and release,
/// each once.
fn libraries_for_this_system(gdextension: &str) -> Vec<String> {
    let system = match std::env::consts::OS {
        "macos" => "macos",
        "windows" => "windows",
        _ => "linux",
    };
    let machine = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        arch => arch,
    };
    let mut inside = false;
    let mut paths = Vec::new();
    for line in gdextension.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[libraries]";
        } else if inside && let Some((tags, path)) = line.split_once('=') {
            let tags: Vec<&str> = tags.trim().split('.').collect();
            let machines = ["x86_64", "x86_32", "arm64", "arm32", "rv64"];
            let fits = tags.contains(&system)
                && (tags.contains(&machine) || !tags.iter().any(|tag| machines.contains(tag)));
            let path = path.trim().trim_matches('"').to_owned();
            if fits && !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

fn project_file(options: &ProjectOptions) -> String {
    let scene = options.main_scene.as_deref().unwrap_or(RUNNER_SCENE);
    let base = [
        (
            "application/config/name",
            "\"Samovar end-to-end\"".to_owned(),
        ),
        ("application/run/main_scene", format!("\"{scene}\"")),
        ("application/run/max_fps", "60".to_owned()),
        ("application/run/flush_stdout_on_print", "true".to_owned()),
        ("debug/file_logging/enable_file_logging", "false".to_owned()),
        (
            "debug/file_logging/enable_file_logging.pc",
            "false".to_owned(),
        ),
        (
            "rendering/renderer/rendering_method",
            "\"gl_compatibility\"".to_owned(),
        ),
        ("samovar/network/lan", "false".to_owned()),
    ];
    let mut settings: Vec<(String, String)> = base
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for (name, value) in &options.settings {
        match settings.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1.clone_from(value),
            None => settings.push((name.clone(), value.clone())),
        }
    }
    let mut file = String::from("config_version=5\n");
    let mut section = "";
    settings.sort();
    for (name, value) in &settings {
        let (group, key) = name.split_once('/').unwrap_or(("application", name));
        if group != section {
            let _ = write!(file, "\n[{group}]\n\n");
            section = group;
        }
        let _ = writeln!(file, "{key}={value}");
    }
    file
}

fn make_folder(path: &Path) {
    fs::create_dir_all(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn read_folder(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.flatten().map(|entry| entry.path()).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    make_folder(to);
    for entry in read_folder(from) {
        let name = entry.file_name().expect("a folder's entry has a name");
        copy_any(&entry, &to.join(name));
    }
}

fn copy_any(from: &Path, to: &Path) {
    if from.is_dir() {
        copy_tree(from, to);
    } else if let Err(error) = fs::copy(from, to) {
        panic!("copying {} to {}: {error}", from.display(), to.display());
    }
}

fn link_or_copy(from: &Path, to: &Path) {
    // A debug library is large; a hard link is free, but works on one file system only.
    if fs::hard_link(from, to).is_err() {
        copy_any(from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_into_sections_and_options_win() {
        let options = ProjectOptions::default()
            .setting("samovar/network/lan", "true")
            .setting("steam/initialization/app_id", "480");
        let file = project_file(&options);
        assert!(file.contains("[samovar]\n\nnetwork/lan=true\n"), "{file}");
        assert!(
            file.contains("[steam]\n\ninitialization/app_id=480\n"),
            "{file}"
        );
        assert_eq!(file.matches("network/lan").count(), 1);
    }

    #[test]
    fn the_libraries_of_other_systems_are_left_out() {
        let text = "[libraries]\nplan9.debug.x86_64 = \"res://a\"\n";
        assert!(libraries_for_this_system(text).is_empty());
    }
}
