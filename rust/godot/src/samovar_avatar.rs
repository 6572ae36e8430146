//! `Samovar`: the local user's own picture.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

use godot::builtin::{PackedByteArray, StringName, Variant};
use godot::classes::{ClassDb, Resource};
use godot::global::godot_error;
use godot::meta::{FromGodot, ToGodot};
use godot::obj::{Gd, Singleton};
use samovar_macros::api;
use samovar_steam::picture::{Picture, RgbaImage};

use crate::samovar::{Samovar, client};
use crate::surface::ImageObject;

const CALL: &str = "Samovar.set_avatar";

#[api]
impl Samovar {
    /// Gives you a picture of your own, now and for later starts: the square in the middle of [param image], scaled to 184
    /// pixels. With [code]null[/code] it is the generated one again. It is scaled and written in the background: you and the
    /// others hear [signal Steam.persona_state_change] when it is your picture. Returns whether the image can be one.
    #[func]
    fn set_avatar(&self, image: ImageObject) -> bool {
        let Some(client) = client("set_avatar") else {
            return false;
        };
        let image: Option<Gd<Resource>> = image.0.try_to().ok();
        let image = image.as_ref().map(rgba_image).transpose();
        let result = image.map(|image| client.set_avatar(image));
        if let Err(error) = &result {
            godot_error!("{CALL}: {error}");
        }
        result.is_ok()
    }
}

/// Godot's `Image.FORMAT_RGBA8`.
const FORMAT_RGBA8: i64 = 5;

fn rgba_image(image: &Gd<Resource>) -> Result<RgbaImage, String> {
    let side = |method| u32::try_from(call::<i64>(image, method, &[])).unwrap_or(0);
    let (width, height) = (side("get_width"), side("get_height"));
    Picture::check_size(width, height).map_err(|error| error.to_string())?;
    // A copy: the game's own stays as it is.
    let copy = ClassDb::singleton().instantiate("Image");
    let Ok(copy) = copy.try_to::<Gd<Resource>>() else {
        return Err("the image cannot be copied".to_owned());
    };
    call::<Variant>(&copy, "copy_from", &[image.to_variant()]);
    if call(&copy, "is_compressed", &[]) && call::<i64>(&copy, "decompress", &[]) != 0 {
        return Err("the image cannot be decompressed".to_owned());
    }
    call::<Variant>(&copy, "clear_mipmaps", &[]);
    call::<Variant>(&copy, "convert", &[FORMAT_RGBA8.to_variant()]);
    let pixels: PackedByteArray = call(&copy, "get_data", &[]);
    RgbaImage::new(width, height, pixels.to_vec()).map_err(|error| error.to_string())
}

/// Calls a method of an `Image`, a class that the godot crate leaves out here.
fn call<T: FromGodot + Default>(image: &Gd<Resource>, method: &str, arguments: &[Variant]) -> T {
    let result = image.clone().call(&StringName::from(method), arguments);
    result.try_to().unwrap_or_default()
}
