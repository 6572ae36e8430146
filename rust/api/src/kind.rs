//! The types of arguments and results.

use serde::Deserialize;

/// A type of GDScript's, as the API file spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Kind {
    /// Nothing is returned.
    #[serde(rename = "void")]
    Void,
    /// `bool`.
    #[serde(rename = "bool")]
    Bool,
    /// `int`.
    #[serde(rename = "int")]
    Int,
    /// `float`.
    #[serde(rename = "float")]
    Float,
    /// `String`.
    String,
    /// `Array`.
    Array,
    /// `Dictionary`.
    Dictionary,
    /// `PackedByteArray`.
    PackedByteArray,
    /// `PackedInt32Array`.
    PackedInt32Array,
    /// `PackedInt64Array`.
    PackedInt64Array,
    /// `PackedFloat64Array`.
    PackedFloat64Array,
    /// `Variant`: any of them. For arguments that had another type in an older GodotSteam.
    Variant,
    /// `Image`, or null.
    Image,
    /// `SteamPacketPeer`, or null.
    SteamPacketPeer,
}

impl Kind {
    /// Its name in GDScript.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::String => "String",
            Self::Array => "Array",
            Self::Dictionary => "Dictionary",
            Self::PackedByteArray => "PackedByteArray",
            Self::PackedInt32Array => "PackedInt32Array",
            Self::PackedInt64Array => "PackedInt64Array",
            Self::PackedFloat64Array => "PackedFloat64Array",
            Self::Variant => "Variant",
            Self::Image => "Image",
            Self::SteamPacketPeer => "SteamPacketPeer",
        }
    }

    /// The value that a call returns when that part of Steam is not there, as GDScript writes it.
    #[must_use]
    pub fn neutral(self) -> &'static str {
        match self {
            Self::Void => "",
            Self::Bool => "false",
            Self::Int => "0",
            Self::Float => "0.0",
            Self::String => "\"\"",
            Self::Dictionary => "{}",
            Self::Variant | Self::Image | Self::SteamPacketPeer => "null",
            Self::Array
            | Self::PackedByteArray
            | Self::PackedInt32Array
            | Self::PackedInt64Array
            | Self::PackedFloat64Array => "[]",
        }
    }

    /// What a hand-written function has for it.
    #[must_use]
    pub fn from_rust(path: &str) -> Option<Self> {
        Some(match path {
            "bool" => Self::Bool,
            "i64" => Self::Int,
            "f64" => Self::Float,
            "GString" => Self::String,
            "VarArray" => Self::Array,
            "VarDictionary" => Self::Dictionary,
            "PackedByteArray" => Self::PackedByteArray,
            "PackedInt32Array" => Self::PackedInt32Array,
            "PackedInt64Array" => Self::PackedInt64Array,
            "PackedFloat64Array" => Self::PackedFloat64Array,
            "Variant" => Self::Variant,
            "ImageObject" => Self::Image,
            "PacketPeerObject" => Self::SteamPacketPeer,
            _ => return None,
        })
    }
}

/// An enum of `Steam` that an `int` is typed as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// Its name, without `Steam.`.
    pub name: String,
    /// Whether its values are combined.
    pub bitfield: bool,
}

impl Enumeration {
    /// From the API file's word for it: `P2PSend` or `bitfield::FriendFlags`.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.strip_prefix("bitfield::") {
            Some(name) => Self {
                name: name.to_owned(),
                bitfield: true,
            },
            None => Self {
                name: word.to_owned(),
                bitfield: false,
            },
        }
    }
}
