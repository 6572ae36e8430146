//! GodotSteam's API: registered from tables that the build makes of the API file and of what is written by hand.
//!
//! A method that is not written by hand answers as GodotSteam's does where that part of Steam is not there: with the neutral value of its
//! type, and, where Steam would answer with a signal, with the signal of a failure.

mod answers;
#[cfg(feature = "bench")]
mod bench;
mod by_hand;
mod calls;
pub(crate) mod enums;
mod peers;
mod register;
mod types;
mod unavailable;

use godot::builtin::Variant;

use by_hand::{ByHand, by_hand};

use crate::multiplayer::{SteamMultiplayerPeer, SteamPacketPeer};
use crate::samovar::Samovar;
use crate::steam::{Steam, forms};

pub(crate) use answers::Answers;
pub(crate) use by_hand::{ImageObject, Instance, PacketPeerObject, Receiver, Returned};
pub(crate) use peers::{
    is_config_value, register as register_peers, unregister as unregister_peers,
};
pub(crate) use register::{register, register_help};
pub(crate) use types::{array, dictionary};
pub(crate) use unavailable::Unavailable;

/// A method that is in the tables.
pub(crate) struct Method {
    name: &'static str,
    /// The part of the API that it belongs to, as GodotSteam's errors name it.
    class: &'static str,
    arguments: &'static [Argument],
    /// Of the last arguments.
    defaults: &'static [Value],
    returns: Kind,
    returns_enum: Option<Enumeration>,
    /// Whether it takes further arguments, as an older version did.
    vararg: bool,
    body: Body,
}

/// What a method does.
enum Body {
    /// It answers that there is nothing.
    Unavailable(NotThere),
    /// It is written by hand, and takes the forms of several versions.
    Form(fn(&Steam, &[Variant]) -> Variant),
    /// It is written by hand.
    ByHand(ByHand),
}

/// What a method does that answers that there is nothing.
struct NotThere {
    /// The signal that follows.
    answer: Option<Answer>,
    /// What is in the Dictionary that is returned: games look for its keys without asking whether they are there.
    dictionary: &'static [(&'static str, Value)],
}

/// A signal that is in the tables.
struct Signal {
    name: &'static str,
    arguments: &'static [Argument],
}

/// A property, read and written by two methods.
struct Property {
    name: &'static str,
    kind: Kind,
    getter: &'static str,
    setter: &'static str,
}

struct Argument {
    name: &'static str,
    kind: Kind,
}

/// An enum that an integer is typed as, "Steam.Result".
#[derive(Clone, Copy)]
struct Enumeration {
    name: &'static str,
    bitfield: bool,
}

struct Enum {
    name: &'static str,
    bitfield: bool,
    values: &'static [(&'static str, i64)],
}

/// A type of GDScript's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Void,
    Bool,
    Int,
    Float,
    String,
    Array,
    Dictionary,
    PackedByteArray,
    PackedInt32Array,
    PackedInt64Array,
    PackedFloat64Array,
    Variant,
    Image,
    SteamPacketPeer,
}

/// The signal of a failure: that a part of Steam is not there, or that a call was refused.
pub(crate) struct Answer {
    signal: &'static str,
    arguments: &'static [Value],
}

/// A default, or an argument of an answer.
enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    String(&'static str),
    Array,
    Dictionary(&'static [(&'static str, Value)]),
    /// The neutral value of a type.
    Neutral(Kind),
    /// A packed array of so many zeros.
    Zeros(Kind, usize),
    /// The argument of this index that the call was made with.
    Echo(usize),
    /// The app that Steam was initialised for.
    AppId,
    /// The local user.
    SteamId,
}

include!(concat!(env!("OUT_DIR"), "/surface.rs"));

/// With how few arguments older versions sent a signal; none for one that has always been as it is.
pub(crate) fn older_counts(signal: &str) -> &'static [usize] {
    SIGNAL_FORMS
        .iter()
        .find(|(name, _)| *name == signal)
        .map_or(&[], |(_, counts)| *counts)
}

/// What answers a hand-written method that refuses its arguments.
fn refusal(method: &str) -> Option<&'static Answer> {
    REFUSALS
        .iter()
        .find(|(name, _)| *name == method)
        .map(|(_, answer)| answer)
}
