//! `ISteamUtils`: image handles, which stand for pixels that the game fetches when it wants them.

use std::collections::VecDeque;

use samovar_id::SteamId;

use crate::avatar;
use crate::picture::Picture;

/// The most image handles that are good at once; for one more the one that was asked for the longest time ago goes.
pub const MAX_IMAGES: usize = 512;

/// What a user's picture is made from. Copies share the pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AvatarSource {
    /// Its ID.
    Generated,
    /// A picture of its own.
    Own(Picture),
}

impl AvatarSource {
    /// The picture of `user`, which has this source: `size_px` * `size_px` pixels, RGBA with 8 bits each, opaque, row
    /// by row from the top left.
    pub fn rgba(&self, user: SteamId, size_px: u32) -> Vec<u8> {
        match self {
            Self::Generated => avatar::generate(user, size_px),
            Self::Own(picture) => picture.rgba(size_px),
        }
    }
}

#[derive(Debug)]
struct Image {
    handle: i32,
    user: SteamId,
    size_px: u32,
    source: AvatarSource,
}

/// The images that have a handle, the one asked for last at the end. It keeps recipes, not pixels: sizes of one picture
/// share it.
#[derive(Debug, Default)]
pub(crate) struct Images {
    images: VecDeque<Image>,
    last: i32,
}

impl Images {
    /// The handle, more than 0, of a user's picture in a size; the same for the same picture.
    pub(crate) fn handle(&mut self, user: SteamId, size_px: u32, source: &AvatarSource) -> i32 {
        let is_it = |image: &Image| {
            (image.user, image.size_px) == (user, size_px) && image.source == *source
        };
        let known = self.images.iter().position(is_it);
        let image = match known.and_then(|at| self.images.remove(at)) {
            Some(image) => image,
            None => {
                if self.images.len() >= MAX_IMAGES {
                    self.images.pop_front();
                }
                self.last = self.last.checked_add(1).unwrap_or(1);
                Image {
                    handle: self.last,
                    user,
                    size_px,
                    source: source.clone(),
                }
            }
        };
        let handle = image.handle;
        self.images.push_back(image);
        handle
    }

    /// The width of an image, which is its height too, in pixels.
    pub(crate) fn size(&self, handle: i32) -> Option<u32> {
        Some(self.get(handle)?.size_px)
    }

    /// What makes an image: whose it is, its width, and from what.
    pub(crate) fn recipe(&self, handle: i32) -> Option<(SteamId, u32, AvatarSource)> {
        let image = self.get(handle)?;
        Some((image.user, image.size_px, image.source.clone()))
    }

    fn get(&self, handle: i32) -> Option<&Image> {
        self.images.iter().find(|image| image.handle == handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::PICTURE_BYTES;

    fn id(number: u64) -> SteamId {
        SteamId::individual(0x5_0000_0000 + number)
    }

    fn own(colour: u8) -> AvatarSource {
        AvatarSource::Own(Picture::from_pixels(vec![colour; PICTURE_BYTES].into()).unwrap())
    }

    #[test]
    fn the_same_picture_has_the_same_handle_and_another_one_another() {
        let mut images = Images::default();
        let first = images.handle(id(1), 64, &AvatarSource::Generated);
        assert!(first > 0);
        let others = [
            images.handle(id(1), 32, &AvatarSource::Generated),
            images.handle(id(2), 64, &AvatarSource::Generated),
            images.handle(id(1), 64, &own(1)),
            images.handle(id(1), 64, &own(2)),
        ];
        assert_eq!(images.handle(id(1), 64, &AvatarSource::Generated), first);
        assert_eq!(images.handle(id(1), 64, &own(1)), others[2]);
        let mut all = [&others[..], &[first]].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 5);
        assert_eq!(images.size(others[0]), Some(32));
        let (user, size_px, source) = images.recipe(others[3]).unwrap();
        assert_eq!(source.rgba(user, size_px), [2, 2, 2, 255].repeat(64 * 64));
        for bad in [0, -1, i32::MAX] {
            assert_eq!(images.size(bad), None);
            assert_eq!(images.recipe(bad), None);
        }
    }

    #[test]
    fn of_too_many_the_one_that_nobody_asked_for_goes() {
        let mut images = Images::default();
        let used = images.handle(id(0), 64, &AvatarSource::Generated);
        let unused = images.handle(id(1), 64, &AvatarSource::Generated);
        for number in 2..MAX_IMAGES as u64 + 1 {
            images.handle(id(number), 64, &AvatarSource::Generated);
            assert_eq!(images.handle(id(0), 64, &AvatarSource::Generated), used);
        }
        assert_eq!(images.images.len(), MAX_IMAGES);
        assert_eq!(images.size(unused), None);
        assert_eq!(images.size(used), Some(64));
    }
}
