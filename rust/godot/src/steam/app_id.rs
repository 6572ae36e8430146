//! Which app this is, in GodotSteam's order: the argument, the project setting, the environment, `steam_appid.txt`.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use godot::classes::Os;
use godot::obj::Singleton;
use samovar_steam::app_id;

use crate::settings;

const VARIABLES: [&str; 2] = ["SteamAppId", "SteamGameId"];
const FILE: &str = "steam_appid.txt";
/// What is read of the file at most, in bytes.
const MAX_FILE: u64 = 4096;

/// The app's ID, or what to do to have one.
pub(super) fn find(argument: i64) -> Result<u32, String> {
    let chosen = if argument == 0 {
        settings::app_id()
    } else {
        argument
    };
    if chosen != 0 {
        let app_id = u32::try_from(chosen).map_err(|_| format!("{chosen} is not an app ID"))?;
        let text = app_id.to_string();
        for variable in VARIABLES {
            // Writing may harm a thread that reads the environment at this moment, by C's own functions.
            if env::var(variable).as_deref() != Ok(&text) {
                Os::singleton().set_environment(variable, &text);
            }
        }
        return Ok(app_id);
    }
    from_environment().or_else(from_file).ok_or_else(|| {
        "No app ID: pass it to steamInit or steamInitEx, set steam/initialization/app_data/app_id in the project \
         settings, or write it into steam_appid.txt."
            .to_owned()
    })
}

/// In any spelling, as on Windows: `SteamAppID` is common. The usual one counts first.
fn from_environment() -> Option<u32> {
    let usual = VARIABLES
        .iter()
        .find_map(|name| app_id::in_text(&env::var(name).ok()?));
    usual.or_else(|| {
        VARIABLES.iter().find_map(|name| {
            env::vars_os()
                .filter(|(other, _)| other.eq_ignore_ascii_case(name))
                .find_map(|(_, value)| app_id::in_text(value.to_str()?))
        })
    })
}

fn from_file() -> Option<u32> {
    let here = env::current_dir().ok();
    let beside_game = env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(PathBuf::from));
    [here, beside_game]
        .into_iter()
        .flatten()
        .find_map(|folder| app_id::in_file(&read(&folder.join(FILE)).ok()?))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}
