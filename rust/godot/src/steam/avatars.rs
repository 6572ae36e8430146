//! Friends and Utils: pictures of users, and the handles of images.

use godot::builtin::{PackedByteArray, VarDictionary, vdict};
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::{AvatarSource, SteamId, avatar};

use super::{Steam, arguments};
use crate::objects;

const FRIENDS: &str = "Friends";
const UTILS: &str = "Utils";
const AVATAR_SMALL: i64 = 1;
const AVATAR_MEDIUM: i64 = 2;

#[api]
impl Steam {
    /// Asks for a user's picture, or with no [param steam_id] your own. [param size] is a [enum AvatarSizes]: 1 is 32
    /// pixels, 2 is 64, anything else 184. [signal avatar_loaded] follows.
    #[func]
    #[allow(non_snake_case)]
    fn getPlayerAvatar(&self, #[opt(default = 2)] size: i64, #[opt(default = 0)] steam_id: i64) {
        const CALL: &str = "getPlayerAvatar";
        let Some(client) = self.client(FRIENDS, CALL) else {
            return;
        };
        let user = if steam_id == 0 {
            Some(client.steam_id())
        } else {
            arguments::user(CALL, steam_id)
        };
        let size_px = match size {
            AVATAR_SMALL => avatar::SMALL,
            AVATAR_MEDIUM => avatar::MEDIUM,
            _ => avatar::LARGE,
        };
        // Whatever is no user has a picture that is made from the number: who waits for one goes on.
        let (user, source) = match user {
            Some(user) => (user, client.avatar(user, size_px)),
            None => {
                let id = SteamId::from_raw(steam_id.cast_unsigned());
                (id, Some(AvatarSource::Generated))
            }
        };
        let Some(source) = source else { return };
        let picture = PackedByteArray::from(source.rgba(user, size_px));
        objects::STEAM.emit_deferred(
            "avatar_loaded",
            &[
                user.to_godot().to_variant(),
                i64::from(size_px).to_variant(),
                picture.to_variant(),
            ],
        );
    }

    /// The image of a user's picture, 32 pixels in each direction: a handle for [method getImageRGBA], or 0 while the
    /// picture is on its way; [signal persona_state_change] tells when it is there.
    #[func]
    #[allow(non_snake_case)]
    fn getSmallFriendAvatar(&self, steam_id: i64) -> i64 {
        self.avatar_image("getSmallFriendAvatar", steam_id, avatar::SMALL)
    }

    /// The image of a user's picture, 64 pixels in each direction: a handle for [method getImageRGBA], or 0 while the
    /// picture is on its way; [signal persona_state_change] tells when it is there.
    #[func]
    #[allow(non_snake_case)]
    fn getMediumFriendAvatar(&self, steam_id: i64) -> i64 {
        self.avatar_image("getMediumFriendAvatar", steam_id, avatar::MEDIUM)
    }

    /// The image of a user's picture, 184 pixels in each direction: a handle for [method getImageRGBA], or -1 while the
    /// picture is on its way; [signal avatar_image_loaded] follows then.
    #[func]
    #[allow(non_snake_case)]
    fn getLargeFriendAvatar(&self, steam_id: i64) -> i64 {
        self.avatar_image("getLargeFriendAvatar", steam_id, avatar::LARGE)
    }

    /// The pixels of an image: success, and buffer, RGBA with 8 bits each, row by row from the top left. An image is
    /// kept until 512 others were asked for.
    #[func]
    #[allow(non_snake_case)]
    fn getImageRGBA(&self, image_handle: i64) -> VarDictionary {
        let Some(client) = self.client(UTILS, "getImageRGBA") else {
            return VarDictionary::new();
        };
        let rgba = i32::try_from(image_handle)
            .ok()
            .and_then(|handle| client.image_rgba(handle));
        vdict! {
            "success" => rgba.is_some(),
            "buffer" => &PackedByteArray::from(rgba.unwrap_or_default()),
        }
    }

    /// The size of an image, in pixels: success, width and height.
    #[func]
    #[allow(non_snake_case)]
    fn getImageSize(&self, image_handle: i64) -> VarDictionary {
        let Some(client) = self.client(UTILS, "getImageSize") else {
            return VarDictionary::new();
        };
        let size = i32::try_from(image_handle)
            .ok()
            .and_then(|handle| client.image_size(handle));
        let size_px = i64::from(size.unwrap_or(0));
        vdict! { "success" => size.is_some(), "width" => size_px, "height" => size_px }
    }
}

impl Steam {
    fn avatar_image(&self, call: &str, steam_id: i64, size_px: u32) -> i64 {
        let Some(client) = self.client(FRIENDS, call) else {
            return 0;
        };
        arguments::user(call, steam_id)
            .map_or(0, |user| i64::from(client.avatar_image(user, size_px)))
    }
}
