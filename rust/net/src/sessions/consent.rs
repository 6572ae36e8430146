//! Who may say what of a connection, and what follows: a table.

/// Who has dialled a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dialler {
    Us,
    Them,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing has been heard of it.
    Unknown,
    /// It is over, and the game knows it no more.
    Over,
    /// The peer's request waits for the game.
    Asked,
    /// The peer has not answered.
    Requesting,
    /// Agreed; there is no link to the peer yet.
    Connecting,
    /// Messages travel.
    Connected,
    /// The peer has ended it, and what it sent before is still coming.
    Ending,
    /// The game has ended it, and what it sent before is still going.
    Lingering,
    /// It is over, and the game has not closed it.
    Done,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The game dials.
    Dial,
    /// The game accepts what the peer asks for.
    Agree,
    /// The game ends or refuses it, at once.
    Close,
    /// The game ends it, once what it has sent is gone.
    CloseLater,
    /// What had to go before the end is gone, or has had its time.
    Gone,
    /// The peer asks for it.
    Request,
    /// The peer agrees.
    Accept,
    /// A message of the peer's.
    Data,
    /// The peer ends or refuses it.
    End,
    /// The same, with messages on the way that belong before it.
    EndLater,
    /// These have come, or have had their time.
    Came,
    /// There is a link to the peer.
    LinkUp,
    /// It is gone.
    LinkLost,
    /// It has not opened in time.
    Late,
}

/// What the peer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Say {
    Nothing,
    /// That it is asked for.
    Request,
    /// That the game agrees.
    Accept,
    /// That it is over, and why.
    End,
    /// That it is over here, if that has not been said.
    Over,
}

/// How far a connection is after something has happened, and what the peer is told.
pub(super) fn next(dialler: Dialler, stage: Stage, word: Word) -> (Stage, Say) {
    use Stage::{Asked, Connected, Connecting, Done, Ending, Lingering, Over, Requesting, Unknown};
    let (us, them) = (dialler == Dialler::Us, dialler == Dialler::Them);
    match (word, stage) {
        (Word::Dial, Unknown) if us => (Requesting, Say::Request),
        (Word::Agree, Asked) => (Connecting, Say::Accept),
        (Word::Close | Word::CloseLater, Asked | Requesting | Connecting)
        | (Word::Close, Connected)
        | (Word::Gone, Lingering) => (Over, Say::End),
        (Word::CloseLater, Connected) => (Lingering, Say::Nothing),

        // Nobody asks for what the other side has dialled, or agrees to what they have dialled themselves.
        (Word::Request, _) if us => (stage, Say::Nothing),
        (Word::Accept, _) if them => (stage, Say::Nothing),
        (Word::Request, Unknown) => (Asked, Say::Nothing),
        // The answer was lost.
        (Word::Request, Connecting | Connected | Ending) => (stage, Say::Accept),
        (Word::Accept, Requesting) => (Connecting, Say::Nothing),
        // The acceptance is still on the way.
        (Word::Data, Requesting) if us => (Connecting, Say::Nothing),
        (Word::Accept | Word::Data, Unknown) => (Over, Say::Over),
        // Nobody has agreed here.
        (Word::Data, Asked) => (Over, Say::Over),
        (Word::Request | Word::Accept | Word::Data, Over | Done) => (stage, Say::Over),

        // What comes later is not of a connection that has ended.
        (Word::End | Word::EndLater, Unknown | Asked | Lingering)
        | (Word::Close | Word::CloseLater, Ending | Done)
        | (Word::LinkLost, Lingering)
        | (Word::Late, Asked) => (Over, Say::Nothing),
        (Word::End, Requesting | Connecting | Connected)
        | (Word::Came, Ending)
        | (Word::LinkLost, Connected | Ending)
        | (Word::Late, Requesting | Connecting) => (Done, Say::Nothing),
        (Word::EndLater, Requesting | Connecting | Connected) => (Ending, Say::Nothing),

        (Word::LinkUp, Requesting) => (Requesting, Say::Request),
        (Word::LinkUp, Connecting) => (Connected, Say::Nothing),
        _ => (stage, Say::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [(char, Stage); 9] = [
        ('u', Stage::Unknown),
        ('o', Stage::Over),
        ('a', Stage::Asked),
        ('r', Stage::Requesting),
        ('c', Stage::Connecting),
        ('C', Stage::Connected),
        ('e', Stage::Ending),
        ('l', Stage::Lingering),
        ('d', Stage::Done),
    ];

    /// What follows in each stage, in their order, with what is said behind it: `?` request, `+` accept, `!` end, `.` over.
    #[rustfmt::skip]
    const TABLE: [(Word, &str, &str); 14] = [
        //                   where we have dialled             where they have
        (Word::Dial,       "r? o a r c C e l d",           "u o a r c C e l d"),
        (Word::Agree,      "u o c+ r c C e l d",           "u o c+ r c C e l d"),
        (Word::Close,      "u o o! o! o! o! o l o",        "u o o! o! o! o! o l o"),
        (Word::CloseLater, "u o o! o! o! l o l o",         "u o o! o! o! l o l o"),
        (Word::Gone,       "u o a r c C e o! d",           "u o a r c C e o! d"),
        (Word::Request,    "u o a r c C e l d",            "a o. a r c+ C+ e+ l d."),
        (Word::Accept,     "o. o. a c c C e l d.",         "u o a r c C e l d"),
        (Word::Data,       "o. o. o. c c C e l d.",        "o. o. o. r c C e l d."),
        (Word::End,        "o o o d d d e o d",            "o o o d d d e o d"),
        (Word::EndLater,   "o o o e e e e o d",            "o o o e e e e o d"),
        (Word::Came,       "u o a r c C d l d",            "u o a r c C d l d"),
        (Word::LinkUp,     "u o a r? C C e l d",           "u o a r? C C e l d"),
        (Word::LinkLost,   "u o a r c d d o d",            "u o a r c d d o d"),
        (Word::Late,       "u o o d d C e l d",            "u o o d d C e l d"),
    ];

    #[test]
    fn every_pair_of_stage_and_word_is_as_the_table_says() {
        for (word, us, them) in TABLE {
            for (dialler, row) in [(Dialler::Us, us), (Dialler::Them, them)] {
                let cells: Vec<&str> = row.split(' ').collect();
                assert_eq!(cells.len(), STAGES.len());
                for ((_, stage), cell) in STAGES.into_iter().zip(cells) {
                    let mut letters = cell.chars();
                    let letter = letters.next().unwrap();
                    let to = STAGES.into_iter().find(|(of, _)| *of == letter).unwrap().1;
                    let said = match letters.next() {
                        None => Say::Nothing,
                        Some('?') => Say::Request,
                        Some('+') => Say::Accept,
                        Some('!') => Say::End,
                        Some(_) => Say::Over,
                    };
                    let found = next(dialler, stage, word);
                    assert_eq!(found, (to, said), "{word:?} in {stage:?}, {dialler:?}");
                }
            }
        }
    }

    /// Whatever is said afterwards, a connection that is over stays so, and nobody's word but the game's opens one.
    #[test]
    fn nothing_brings_a_connection_back() {
        for (word, ..) in TABLE {
            for dialler in [Dialler::Us, Dialler::Them] {
                assert_eq!(next(dialler, Stage::Over, word).0, Stage::Over);
                let done = next(dialler, Stage::Done, word).0;
                assert!(matches!(done, Stage::Done | Stage::Over));
                let opens = |stage| {
                    let to = next(dialler, stage, word).0;
                    !matches!(to, Stage::Unknown | Stage::Asked | Stage::Over)
                };
                assert_eq!(opens(Stage::Asked), word == Word::Agree);
                let dials = (word, dialler) == (Word::Dial, Dialler::Us);
                assert_eq!(opens(Stage::Unknown), dials);
            }
        }
    }
}
