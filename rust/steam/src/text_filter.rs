//! `ISteamUtils`: words that are not shown.

use std::collections::HashSet;

/// The most words that a filter takes; further ones are ignored.
pub const MAX_FILTERED_WORDS: usize = 10_000;

/// What is filtered where the project says nothing: common English profanity.
pub const DEFAULT_WORDS: [&str; 24] = [
    "arse",
    "arsehole",
    "asshole",
    "bastard",
    "bitch",
    "bollocks",
    "bullshit",
    "cock",
    "cunt",
    "dick",
    "dickhead",
    "fuck",
    "fucked",
    "fucker",
    "fucking",
    "motherfucker",
    "piss",
    "prick",
    "shit",
    "shitty",
    "slut",
    "twat",
    "wanker",
    "whore",
];

/// `ETextFilteringContext`: where a text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFilteringContext {
    /// Not known: only what the law requires is filtered, which is nothing here.
    Unknown,
    /// Something of the game's own.
    GameContent,
    /// What somebody says.
    Chat,
    /// What somebody is called.
    Name,
}

impl TextFilteringContext {
    /// The context with this number; `None` for a number that `ETextFilteringContext` does not have.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Unknown,
            1 => Self::GameContent,
            2 => Self::Chat,
            3 => Self::Name,
            _ => return None,
        })
    }
}

/// Replaces words of a list by asterisks: whole words, in upper and lower case alike.
#[derive(Clone, Debug, Default)]
pub struct TextFilter {
    words: HashSet<String>,
}

impl TextFilter {
    /// A filter of these words. Of an entry that is more than one word nothing is found.
    pub fn new<Word: AsRef<str>>(words: impl IntoIterator<Item = Word>) -> Self {
        let words = words.into_iter().take(MAX_FILTERED_WORDS);
        Self {
            words: words
                .map(|word| word.as_ref().trim().to_lowercase())
                .filter(|word| !word.is_empty())
                .collect(),
        }
    }

    /// The text with an asterisk for each character of a word that is not shown.
    pub fn filter(&self, context: TextFilteringContext, text: &str) -> String {
        if context == TextFilteringContext::Unknown || self.words.is_empty() {
            return text.to_owned();
        }
        let mut filtered = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word_end = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(word_end);
            if self.words.contains(&word.to_lowercase()) {
                filtered.extend(word.chars().map(|_| '*'));
            } else {
                filtered.push_str(word);
            }
            let gap_end = after
                .find(|c: char| c.is_alphanumeric())
                .unwrap_or(after.len());
            let (gap, next) = after.split_at(gap_end);
            filtered.push_str(gap);
            rest = next;
        }
        filtered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: TextFilteringContext = TextFilteringContext::Chat;

    #[test]
    fn whole_words_are_starred_in_any_case() {
        let filter = TextFilter::new(DEFAULT_WORDS);
        for (text, shown) in [
            ("", ""),
            ("hello", "hello"),
            ("Shit!", "****!"),
            ("SHIT, shit\nshit", "****, ****\n****"),
            ("(shit)", "(****)"),
            ("Scunthorpe cocktails", "Scunthorpe cocktails"),
            ("shit1", "shit1"),
            ("  a  shit  ", "  a  ****  "),
        ] {
            assert_eq!(filter.filter(CHAT, text), shown);
            assert_eq!(filter.filter(TextFilteringContext::Unknown, text), text);
        }
    }

    #[test]
    fn words_of_any_script_have_an_asterisk_for_each_character() {
        let filter = TextFilter::new([" Äpfel ", "ТАК", "", "two words"]);
        let text = "äPFEL так two words 😀";
        assert_eq!(filter.filter(CHAT, text), "***** *** two words 😀");
        assert_eq!(TextFilter::default().filter(CHAT, text), text);
    }

    #[test]
    fn a_list_has_a_largest_size() {
        let words = (0..2 * MAX_FILTERED_WORDS).map(|number| format!("w{number}"));
        let filter = TextFilter::new(words);
        assert_eq!(filter.words.len(), MAX_FILTERED_WORDS);
        assert_eq!(filter.filter(CHAT, &"w1 x".repeat(100_000)).len(), 400_000);
    }
}
