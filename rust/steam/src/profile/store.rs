//! What a profile's folder holds. All of it is read and written under the profile's lock.

use std::io;
use std::path::Path;

use samovar_id::SteamId;
use samovar_net::Identity;
use serde::{Deserialize, Serialize};

use super::name::ProfileName;
use super::{ProfileError, persona};
use crate::files::{self, Access};
use crate::hex;

const IDENTITY: &str = "identity.toml";
const PROFILE: &str = "profile.toml";

#[derive(Serialize, Deserialize)]
struct IdentityFile {
    /// PKCS#8.
    key: String,
    modifier: String,
}

#[derive(Serialize, Deserialize)]
struct ProfileFile {
    name: Option<String>,
}

/// The profile's key; a new one when there is none, as in a profile whose creation was cut short.
pub(super) fn load_or_create_identity(
    dir: &Path,
    name: &ProfileName,
) -> Result<Identity, ProfileError> {
    files::remove_temp_files(dir, IDENTITY);
    files::remove_temp_files(dir, PROFILE);
    let path = dir.join(IDENTITY);
    let failed = |source| ProfileError::Io {
        path: path.clone(),
        source,
    };
    match files::read_bounded(&path) {
        // Empty is what some file systems leave of a new file after a power cut.
        Ok(text) if text.trim_matches(['\0', ' ', '\n']).is_empty() => {}
        Ok(text) => {
            return parse(&text).ok_or_else(|| ProfileError::Damaged {
                name: name.clone(),
                path: path.clone(),
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(ProfileError::Damaged {
                name: name.clone(),
                path: path.clone(),
            });
        }
        Err(error) => return Err(failed(error)),
    }
    let identity = Identity::generate();
    let text = toml::to_string(&IdentityFile {
        key: hex::encode(identity.pkcs8()),
        modifier: hex::encode(&identity.modifier()),
    })
    .map_err(|error| failed(io::Error::other(error)))?;
    let text = format!(
        "# The secret key of this profile; its Steam ID follows from it. Keep it to yourself.\n{text}"
    );
    files::write_atomic(&path, text.as_bytes(), Access::Private).map_err(failed)?;
    Ok(identity)
}

fn parse(text: &str) -> Option<Identity> {
    let file: IdentityFile = toml::from_str(text).ok()?;
    let modifier = hex::decode(&file.modifier)?.try_into().ok()?;
    Identity::from_parts(&hex::decode(&file.key)?, modifier).ok()
}

/// The persona name, or the default one when there is none that can be used. A file that somebody edited stays.
pub(super) fn load_or_create_persona(dir: &Path, id: SteamId) -> String {
    let path = dir.join(PROFILE);
    let default = persona::default_name(id);
    let text = match files::read_bounded(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the persona name cannot be read");
            return default;
        }
    };
    if text.trim_matches(['\0', ' ', '\n']).is_empty() {
        if let Err(error) = write_persona(dir, &default) {
            tracing::warn!(path = %path.display(), %error, "the persona name cannot be written");
        }
        return default;
    }
    match toml::from_str::<ProfileFile>(&text) {
        Ok(file) => file
            .name
            .as_deref()
            .and_then(persona::clean)
            .unwrap_or(default),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the persona name cannot be read");
            default
        }
    }
}

pub(super) fn write_persona(dir: &Path, name: &str) -> io::Result<()> {
    let text = toml::to_string(&ProfileFile {
        name: Some(name.to_owned()),
    })
    .map_err(io::Error::other)?;
    let text = format!("# What others see as this user's name. Edit it as you like.\n{text}");
    files::write_atomic(&dir.join(PROFILE), text.as_bytes(), Access::Shared)
}
