//! Starting Steam, as every version of GodotSteam 4 was asked to.

use godot::builtin::{Variant, VariantType, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;

use super::super::Steam;
use super::super::arguments;
use super::super::main::InitError;
use super::int;
use crate::settings::{self, SteamInitReturns};

/// `RESULT_OK`, `RESULT_FAIL` and `RESULT_UNEXPECTED_ERROR`, which `steamInit` returned up to GodotSteam 4.13.
const OLDER_OK: i64 = 1;
const OLDER_FAIL: i64 = 2;
const OLDER_INVALID_APP: i64 = 79;

/// Starts Steam: claims a profile and begins to look for others. Returns whether it worked; when it did not, the
/// reason is in the log. Calling it again has no effect and returns [code]true[/code].
///
/// Without [param app_id] the project setting, [code]SteamAppId[/code] in the environment or
/// [code]steam_appid.txt[/code] gives it. With [param embed_callbacks] you need not call [method run_callbacks].
///
/// Up to GodotSteam 4.13 the arguments were [code](retrieve_stats, app_id, embed_callbacks)[/code], and a [Dictionary] with
/// [code]status[/code] (1 is success) and [code]verbal[/code] was returned. A [bool] as the first argument still means that.
/// The project setting [code]samovar/compatibility/steam_init_returns[/code] makes it always the one or the other.
pub(crate) fn steamInit(steam: &Steam, values: &[Variant]) -> Variant {
    let form = Form::of("steamInit", values);
    let result = steam.initialize(form.app_id, form.embed_callbacks);
    let returns_dictionary = match settings::steam_init_returns() {
        SteamInitReturns::ByForm => form.is_older,
        SteamInitReturns::Bool => false,
        SteamInitReturns::Dictionary => true,
    };
    if returns_dictionary {
        let (status, verbal) = match result {
            Ok(()) => (OLDER_OK, String::new()),
            Err(InitError::NoApp(reason)) => (OLDER_INVALID_APP, reason),
            Err(InitError::Failed(reason)) => (OLDER_FAIL, reason),
        };
        return vdict! { "status" => status, "verbal" => verbal.as_str() }.to_variant();
    }
    if let Err(reason) = &result {
        godot_error!("steamInit: {reason}");
    }
    result.is_ok().to_variant()
}

/// As [method steamInit], but returns [code]status[/code], a [enum SteamAPIInitResult] with 0 for success, and
/// [code]verbal[/code], which is empty or says what went wrong.
///
/// Up to GodotSteam 4.13 the arguments were [code](retrieve_stats, app_id, embed_callbacks)[/code]; a [bool] as the first
/// argument still means that.
pub(crate) fn steamInitEx(steam: &Steam, values: &[Variant]) -> Variant {
    let form = Form::of("steamInitEx", values);
    steam.initialize_verbosely("steamInitEx", form.app_id, form.embed_callbacks);
    steam.init_result().to_variant()
}

/// What a call asks for, in whichever order.
struct Form {
    app_id: i64,
    embed_callbacks: bool,
    is_older: bool,
}

impl Form {
    fn of(call: &str, values: &[Variant]) -> Self {
        let is_older = values
            .first()
            .is_some_and(|value| value.get_type() == VariantType::BOOL);
        // A number stands for a bool as everywhere in GDScript.
        let flag = |index: usize| {
            values
                .get(index)
                .is_some_and(|value| value.try_to_relaxed().unwrap_or(false))
        };
        let id = usize::from(is_older);
        let most = 2 + id;
        for (index, value) in values.iter().enumerate() {
            if index >= most || !(is_number(value) || value.get_type() == VariantType::BOOL) {
                let shown = arguments::shown(&format!("{value:?}"));
                godot_error!(
                    "{call}: argument {} cannot be {shown}; it is ignored",
                    index + 1
                );
            }
        }
        Self {
            // In the older form a default stands in the app ID's place: false.
            app_id: int(values.get(id).filter(|value| is_number(value))),
            embed_callbacks: flag(id + 1),
            is_older,
        }
    }
}

/// A number, which may be a fraction: whatever is read from JSON is one.
fn is_number(value: &Variant) -> bool {
    matches!(value.get_type(), VariantType::INT | VariantType::FLOAT)
}
