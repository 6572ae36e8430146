//! The keys of the directories that this process has known: a new one checks with them what its members bring.

use std::collections::VecDeque;

use samovar_lobby::{DirectoryId, limits};
use samovar_net::PublicKey;
use samovar_server::Host;

/// Directories with what they proved; of more than [`limits::MAX_KNOWN_DIRECTORIES`] the oldest is forgotten.
#[derive(Debug, Default)]
pub(super) struct Directories(VecDeque<(DirectoryId, Option<u64>, PublicKey)>);

impl Directories {
    /// Notes a directory that has proved this key, and its term where that is known.
    pub(super) fn note(&mut self, directory: DirectoryId, term: Option<u64>, key: PublicKey) {
        if self.0.contains(&(directory, term, key)) {
            return;
        }
        if self.0.len() >= limits::MAX_KNOWN_DIRECTORIES {
            self.0.pop_front();
        }
        self.0.push_back((directory, term, key));
    }

    /// Tells them to a directory that this process begins to host.
    pub(super) fn tell(&self, host: &mut Host) {
        for (directory, term, key) in &self.0 {
            host.learn_key(*directory, *term, *key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_noted_once_and_the_oldest_is_forgotten() {
        let mut directories = Directories::default();
        let key = PublicKey([1; 32]);
        for number in 0..1000 {
            directories.note(DirectoryId(number), Some(1), key);
            directories.note(DirectoryId(number), Some(1), key);
        }
        assert_eq!(directories.0.len(), limits::MAX_KNOWN_DIRECTORIES);
        assert_eq!(
            directories.0.back(),
            Some(&(DirectoryId(999), Some(1), key))
        );
    }
}
