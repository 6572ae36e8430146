//! `ISteamApps`: what Steam calls languages.

const ENGLISH: &str = "english";

/// What Steam calls the languages whose name does not depend on the country (its list of API language codes).
const LANGUAGES: [(&str, &str); 30] = [
    ("ar", "arabic"),
    ("bg", "bulgarian"),
    ("cs", "czech"),
    ("da", "danish"),
    ("de", "german"),
    ("el", "greek"),
    ("en", ENGLISH),
    ("fi", "finnish"),
    ("fr", "french"),
    ("hu", "hungarian"),
    ("id", "indonesian"),
    ("it", "italian"),
    ("ja", "japanese"),
    ("ko", "koreana"),
    ("ms", "malay"),
    ("nb", "norwegian"),
    ("nl", "dutch"),
    ("nn", "norwegian"),
    ("no", "norwegian"),
    ("pl", "polish"),
    ("pt", "portuguese"),
    ("ro", "romanian"),
    ("ru", "russian"),
    ("es", "spanish"),
    ("sv", "swedish"),
    ("th", "thai"),
    ("tr", "turkish"),
    ("uk", "ukrainian"),
    ("vi", "vietnamese"),
    ("zh", "schinese"),
];
/// Where Chinese is written in traditional characters, and the name of those.
const TRADITIONAL_CHINESE: [&str; 4] = ["TW", "HK", "MO", "Hant"];
/// Where Spanish is Europe's; elsewhere it is Latin America's.
const SPAIN: &str = "ES";

/// What Steam calls the language of a locale such as `pt_BR` or `zh_Hant_TW`, as Godot writes it; `None` for one that
/// Steam has no name for.
pub fn steam_name(locale: &str) -> Option<&'static str> {
    let mut parts = locale.split(['_', '-', '@', '.']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let regions: Vec<&str> = parts.collect();
    let is_of = |region: &str| regions.iter().any(|part| part.eq_ignore_ascii_case(region));
    match &*language {
        "zh" if TRADITIONAL_CHINESE.into_iter().any(is_of) => return Some("tchinese"),
        "pt" if is_of("BR") => return Some("brazilian"),
        "es" if !regions.is_empty() && !is_of(SPAIN) => return Some("latam"),
        _ => {}
    }
    LANGUAGES
        .iter()
        .find(|(code, _)| *code == language)
        .map(|(_, name)| *name)
}

/// The language of the system, of which Steam has a name: English where it has none.
pub fn ui_language(system_locale: &str) -> &'static str {
    steam_name(system_locale).unwrap_or(ENGLISH)
}

/// The languages of a game that is translated to these locales, each once, in their order. A game without translations
/// speaks the language of the system, as far as anybody can tell.
pub fn available_languages<Locale: AsRef<str>>(
    translations: impl IntoIterator<Item = Locale>,
    system_locale: &str,
) -> Vec<&'static str> {
    let mut languages = Vec::new();
    for locale in translations {
        if let Some(name) = steam_name(locale.as_ref())
            && !languages.contains(&name)
        {
            languages.push(name);
        }
    }
    if languages.is_empty() {
        languages.push(ui_language(system_locale));
    }
    languages
}

/// The language that a game should speak: the system's if it is available, else English if that is, else the first.
pub fn game_language(available: &[&'static str], system_locale: &str) -> &'static str {
    let wanted = ui_language(system_locale);
    [wanted, ENGLISH]
        .into_iter()
        .find(|language| available.contains(language))
        .or(available.first().copied())
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_have_steams_names() {
        for (locale, name) in [
            ("en", "english"),
            ("en_GB", "english"),
            ("de_AT", "german"),
            ("de-DE", "german"),
            ("pt_PT", "portuguese"),
            ("pt_BR", "brazilian"),
            ("es_ES", "spanish"),
            ("es", "spanish"),
            ("es_MX", "latam"),
            ("es_419", "latam"),
            ("zh_CN", "schinese"),
            ("zh_Hans_CN", "schinese"),
            ("zh_Hant_TW", "tchinese"),
            ("zh_hk", "tchinese"),
            ("nb_NO", "norwegian"),
            ("ko_KR", "koreana"),
            ("vi_VN", "vietnamese"),
            ("FR", "french"),
        ] {
            assert_eq!(steam_name(locale), Some(name), "{locale}");
        }
        for other in ["", "_", "eo", "tlh_XX", "é"] {
            assert_eq!(steam_name(other), None, "{other}");
            assert_eq!(ui_language(other), "english");
        }
    }

    #[test]
    fn a_game_speaks_what_it_can() {
        let none: [&str; 0] = [];
        assert_eq!(available_languages(none, "de_DE"), ["german"]);
        let available = available_languages(["fr", "en", "en_GB", "eo"], "de_DE");
        assert_eq!(available, ["french", "english"]);
        assert_eq!(game_language(&available, "fr_CA"), "french");
        assert_eq!(game_language(&available, "de_DE"), "english");
        assert_eq!(game_language(&["french"], "de_DE"), "french");
        assert_eq!(game_language(&[], "de_DE"), "german");
    }
}
