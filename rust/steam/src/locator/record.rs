//! The record: what the process that answers for a machine says about the directory.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Most addresses a record keeps; further ones are dropped when it is written or read.
pub const MAX_RECORD_ADDRS: usize = 32;

/// Where the directory of this machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Host {
    /// The process that holds the term hosts it.
    Local,
    /// It is hosted on another machine; the process that holds the term has found it and vouches for it.
    Remote,
}

/// The directory that serves this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The machine's term under which this was written. 1 or more.
    pub term: u64,
    /// The directory's random ID.
    pub directory: u64,
    /// Where it listens; the best address first. At most [`MAX_RECORD_ADDRS`].
    pub addrs: Vec<SocketAddr>,
    /// The Ed25519 public key that it must prove to hold.
    pub key: [u8; 32],
    /// Whether the holder of the term hosts it.
    pub host: Host,
}

/// The file's form: TOML has no unsigned 64-bit integers, hence the texts.
#[derive(Serialize, Deserialize)]
struct File {
    term: String,
    directory: String,
    host: Host,
    key: String,
    addrs: Vec<SocketAddr>,
}

impl Record {
    /// The record as the text of its file.
    pub(super) fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&File {
            term: self.term.to_string(),
            directory: format!("{:016x}", self.directory),
            host: self.host,
            key: crate::hex::encode(&self.key),
            addrs: self.addrs.iter().copied().take(MAX_RECORD_ADDRS).collect(),
        })
    }

    /// The record in a file's text; `None` for anything that is not one.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let file: File = toml::from_str(text).ok()?;
        let mut addrs = file.addrs;
        addrs.truncate(MAX_RECORD_ADDRS);
        Some(Self {
            term: file.term.parse().ok()?,
            directory: u64::from_str_radix(&file.directory, 16).ok()?,
            addrs,
            key: crate::hex::decode(&file.key)?.try_into().ok()?,
            host: file.host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_file() {
        let record = Record {
            term: u64::MAX,
            directory: 0xfedc_ba98_7654_3210,
            addrs: vec![
                "127.0.0.1:7".parse().unwrap(),
                "[::1]:65535".parse().unwrap(),
            ],
            key: std::array::from_fn(|i| u8::try_from(i * 8).unwrap()),
            host: Host::Remote,
        };
        assert_eq!(Record::from_text(&record.to_text().unwrap()), Some(record));
    }

    #[test]
    fn what_is_no_record_reads_as_none() {
        let record = Record {
            term: 1,
            directory: 2,
            addrs: vec!["127.0.0.1:7".parse().unwrap(); 100],
            key: [9; 32],
            host: Host::Local,
        };
        let text = record.to_text().unwrap();
        assert_eq!(
            Record::from_text(&text).unwrap().addrs.len(),
            MAX_RECORD_ADDRS
        );
        assert!(text.is_ascii());
        for cut in 0..text.len() - 2 {
            let _ = Record::from_text(&text[..cut]);
        }
        for bad in [
            "",
            "term = 1",
            &text.replace("09", "0"),
            &text.replace("09", "zz"),
            &text.replace("127", "999"),
        ] {
            assert_eq!(Record::from_text(bad), None, "{bad}");
        }
    }
}
