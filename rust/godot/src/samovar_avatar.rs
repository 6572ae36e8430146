//! `Samovar`: the local user's own picture.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

use godot::classes::Image;
use godot::classes::image::Format;
use godot::global::{Error, godot_error};
use godot::obj::{Gd, NewGd};
use godot::register::godot_api;
use samovar_steam::picture::Picture;

use crate::samovar::{Samovar, client};

const CALL: &str = "Samovar.set_avatar";

#[godot_api(secondary)]
impl Samovar {
    /// Gives you a picture of your own, now and for later starts: the square in the middle of [param image], scaled to 184
    /// pixels. With [code]null[/code] it is the generated one again. The others hear [signal Steam.persona_state_change].
    /// Returns whether it is kept.
    #[func]
    fn set_avatar(&self, image: Option<Gd<Image>>) -> bool {
        let Some(client) = client("set_avatar") else {
            return false;
        };
        let picture = image.as_ref().map(picture).transpose();
        let result = picture.and_then(|picture| client.set_avatar(picture));
        if let Err(error) = &result {
            godot_error!("{CALL}: {error}");
        }
        result.is_ok()
    }
}

fn picture(image: &Gd<Image>) -> Result<Picture, String> {
    let side = |side: i32| u32::try_from(side).unwrap_or(0);
    let (width, height) = (side(image.get_width()), side(image.get_height()));
    Picture::check_size(width, height).map_err(|error| error.to_string())?;
    // A copy: the game's own stays as it is.
    let mut copy = Image::new_gd();
    copy.copy_from(image);
    if copy.is_compressed() && copy.decompress() != Error::OK {
        return Err("the image cannot be decompressed".to_owned());
    }
    copy.clear_mipmaps();
    copy.convert(Format::RGBA8);
    let pixels = copy.get_data();
    Picture::from_rgba(width, height, pixels.as_slice()).map_err(|error| error.to_string())
}
