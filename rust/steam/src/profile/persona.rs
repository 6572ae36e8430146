//! Persona names: what users are called.

use samovar_id::SteamId;

/// Longest persona name, in bytes of UTF-8 (`k_cchPersonaNameMax` in Steamworks' `isteamfriends.h`).
pub const MAX_PERSONA_NAME: usize = 128;

const FIRST: [&str; 32] = [
    "Amber", "Azure", "Brave", "Bright", "Calm", "Clever", "Copper", "Coral", "Crimson", "Daring",
    "Emerald", "Gentle", "Golden", "Happy", "Hazel", "Indigo", "Ivory", "Jolly", "Keen", "Lucky",
    "Mellow", "Misty", "Nimble", "Olive", "Polar", "Quick", "Quiet", "Ruby", "Silver", "Sunny",
    "Swift", "Velvet",
];
const SECOND: [&str; 32] = [
    "Badger", "Beaver", "Bison", "Crane", "Dolphin", "Falcon", "Ferret", "Finch", "Fox", "Gecko",
    "Heron", "Ibex", "Jay", "Kestrel", "Koala", "Lemur", "Lynx", "Magpie", "Marten", "Moose",
    "Newt", "Otter", "Owl", "Panda", "Puffin", "Raven", "Robin", "Seal", "Stork", "Tapir",
    "Turtle", "Wombat",
];

/// The name of a user who has chosen none; the same for an ID always.
pub(super) fn default_name(id: SteamId) -> String {
    let hash = id.raw().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let pick = |words: &[&'static str; 32], shift: u32| words[(hash >> shift & 31) as usize];
    format!("{} {}", pick(&FIRST, 59), pick(&SECOND, 54))
}

/// `name` without control characters, spaces around it and what is too long; `None` when nothing is left.
pub(super) fn clean(name: &str) -> Option<String> {
    let mut clean: String = name.chars().filter(|c| !c.is_control()).collect();
    clean.truncate(clean.floor_char_boundary(MAX_PERSONA_NAME));
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_are_two_words_and_vary() {
        let names: std::collections::HashSet<String> = (1..=64)
            .map(|n| default_name(SteamId::individual(n << 33 | n)))
            .collect();
        assert!(names.len() > 50, "{names:?}");
        assert!(names.iter().all(|name| name.split(' ').count() == 2));
        // Others remember this name: the lists must not change.
        assert_eq!(
            default_name(SteamId::from_raw(0x0110_0001_0000_0001)),
            "Swift Lemur"
        );
    }

    #[test]
    fn names_are_cleaned_and_cut_between_characters() {
        assert_eq!(clean("  Zoë \u{7}\n"), Some("Zoë".to_owned()));
        assert_eq!(clean(" \t"), None);
        assert_eq!(clean(&"é".repeat(100)).unwrap().len(), 128);
        assert_eq!(clean(&format!("a{}", "é".repeat(100))).unwrap().len(), 127);
    }
}
