//! What a profile's folder holds for all apps. It is created under the profile's `identity.lock`.

use std::io;
use std::path::Path;

use samovar_id::SteamId;
use samovar_net::Identity;
use serde::{Deserialize, Serialize};

use super::name::ProfileName;
use super::{ProfileError, persona, spare};
use crate::files::{self, Access};
use crate::hex;

const IDENTITY: &str = "identity.toml";
/// The file of the persona name.
pub(crate) const PERSONA_FILE: &str = "profile.toml";

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
    data_dir: &Path,
    dir: &Path,
    name: &ProfileName,
) -> Result<Identity, ProfileError> {
    files::remove_temp_files(dir, IDENTITY);
    files::remove_old_temp_files(dir, PERSONA_FILE);
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
    if spare::take(data_dir, &path)
        && let Some(identity) = files::read_bounded(&path).ok().as_deref().and_then(parse)
    {
        return Ok(identity);
    }
    let identity = Identity::generate();
    let text = to_text(&identity).map_err(failed)?;
    files::write_atomic(&path, text.as_bytes(), Access::Private).map_err(failed)?;
    Ok(identity)
}

/// The text of a key's file.
pub(super) fn to_text(identity: &Identity) -> io::Result<String> {
    let text = toml::to_string(&IdentityFile {
        key: hex::encode(identity.pkcs8()),
        modifier: hex::encode(&identity.modifier()),
    })
    .map_err(io::Error::other)?;
    Ok(format!(
        "# The secret key of this profile; its Steam ID follows from it. Keep it to yourself.\n{text}"
    ))
}

fn parse(text: &str) -> Option<Identity> {
    let file: IdentityFile = toml::from_str(text).ok()?;
    let modifier = hex::decode(&file.modifier)?.try_into().ok()?;
    Identity::from_parts(&hex::decode(&file.key)?, modifier).ok()
}

/// The persona name, or the default one when there is none that can be used. A file that somebody edited stays.
pub(super) fn load_or_create_persona(dir: &Path, id: SteamId) -> String {
    let path = dir.join(PERSONA_FILE);
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
        if let Err(error) = write_persona_name(&path, &default) {
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

/// Keeps a persona name in its file for later starts.
pub(crate) fn write_persona_name(path: &Path, name: &str) -> io::Result<()> {
    let text = toml::to_string(&ProfileFile {
        name: Some(name.to_owned()),
    })
    .map_err(io::Error::other)?;
    let text = format!("# What others see as this user's name. Edit it as you like.\n{text}");
    files::write_atomic(path, text.as_bytes(), Access::Shared)
}
