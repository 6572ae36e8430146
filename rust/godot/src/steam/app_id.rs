//! Which app this is, in GodotSteam's order: the argument, the project setting, the environment, `steam_appid.txt`.

use std::env;
use std::fs;
use std::path::PathBuf;

use godot::classes::Os;
use godot::obj::Singleton;

use crate::settings;

const VARIABLES: [&str; 2] = ["SteamAppId", "SteamGameId"];
const FILE: &str = "steam_appid.txt";

/// The app's ID, or what to do to have one.
pub(super) fn find(argument: i64) -> Result<u32, String> {
    let chosen = if argument == 0 {
        settings::app_id()
    } else {
        argument
    };
    if chosen != 0 {
        let app_id = u32::try_from(chosen).map_err(|_| format!("{chosen} is not an app ID"))?;
        for variable in VARIABLES {
            Os::singleton().set_environment(variable, &app_id.to_string());
        }
        return Ok(app_id);
    }
    from_environment().or_else(from_file).ok_or_else(|| {
        "No app ID: pass it to steamInit or steamInitEx, set steam/initialization/app_data/app_id in the project \
         settings, or write it into steam_appid.txt."
            .to_owned()
    })
}

fn from_environment() -> Option<u32> {
    VARIABLES
        .iter()
        .find_map(|variable| parse(&env::var(variable).ok()?))
}

fn from_file() -> Option<u32> {
    let here = env::current_dir().ok();
    let beside_game = env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(PathBuf::from));
    [here, beside_game]
        .into_iter()
        .flatten()
        .find_map(|folder| parse(&fs::read_to_string(folder.join(FILE)).ok()?))
}

fn parse(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|app_id| *app_id != 0)
}
