//! `ISteamFriends`: pictures of users, as pixels and as image handles.

use std::io;
use std::sync::Arc;

use samovar_id::SteamId;
use samovar_lobby::Avatar;

use crate::avatar::LARGE;
use crate::callback::Callback;
use crate::client::{Shared, Steam};
use crate::images::AvatarSource;
use crate::picture::{self, Picture, RgbaImage};

/// What `GetLargeFriendAvatar` answers while a picture is on its way.
const LOADING: i32 = -1;
/// The most answers about pictures that are on their way; for one more the oldest is dropped.
const MAX_AWAITED: usize = 1024;

/// Who has asked for a picture that is on its way, and how to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// With `AvatarImageLoaded`.
    Image,
    /// With the pixels, so many in each direction.
    Pixels(u32),
}

/// How often a picture that does not come is asked for again, before the generated one is the answer.
const MAX_TRIES: u32 = 4;

/// The answers about pictures that are on their way, oldest first, nobody twice.
#[derive(Debug, Default)]
pub(crate) struct AwaitedAvatars(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    user: SteamId,
    awaited: Awaited,
    tries: u32,
}

impl AwaitedAvatars {
    fn add(&mut self, user: SteamId, awaited: Awaited) {
        let is_same = |waiting: &Waiting| (waiting.user, waiting.awaited) == (user, awaited);
        if self.0.iter().any(is_same) {
            return;
        }
        if self.0.len() >= MAX_AWAITED {
            self.0.remove(0);
        }
        let tries = 0;
        self.0.push(Waiting {
            user,
            awaited,
            tries,
        });
    }

    /// Whose pictures have not come yet, and whether it is time to give up.
    fn try_again(&mut self) -> Vec<(SteamId, bool)> {
        let mut users: Vec<(SteamId, bool)> = Vec::new();
        for waiting in &mut self.0 {
            waiting.tries += 1;
            let gives_up = waiting.tries > MAX_TRIES;
            match users.iter_mut().find(|(user, _)| *user == waiting.user) {
                Some((_, any)) => *any |= gives_up,
                None => users.push((waiting.user, gives_up)),
            }
        }
        users
    }

    fn take(&mut self, user: SteamId) -> Vec<Awaited> {
        self.0
            .extract_if(.., |waiting| waiting.user == user)
            .map(|waiting| waiting.awaited)
            .collect()
    }
}

impl Steam {
    /// A user's picture, to be had in `size_px` * `size_px` pixels; `None` while it is on its way, and then
    /// `AvatarLoaded` follows.
    pub fn avatar(&self, user: SteamId, size_px: u32) -> Option<AvatarSource> {
        self.shared.avatar(user, size_px)
    }

    /// The image handle of a user's picture, `size_px` * `size_px` pixels; 0 while it is on its way. Of the large one it
    /// is -1 then, and `AvatarImageLoaded` follows.
    pub fn avatar_image(&self, user: SteamId, size_px: u32) -> i32 {
        self.shared.avatar_image(user, size_px)
    }

    /// The width of an image, which is its height too, in pixels; `None` for a handle that is not good.
    pub fn image_size(&self, handle: i32) -> Option<u32> {
        self.shared.local.images.lock().size(handle)
    }

    /// The pixels of an image, RGBA with 8 bits each, row by row from the top left; `None` for a handle that is not
    /// good.
    pub fn image_rgba(&self, handle: i32) -> Option<Vec<u8>> {
        let (user, size_px, source) = self.shared.local.images.lock().recipe(handle)?;
        Some(source.rgba(user, size_px))
    }

    /// Gives the local user a picture of its own, for later starts too, made from an image; `None` is the generated one,
    /// for which every picture in the profile's folder is removed.
    ///
    /// It is scaled and written in the background, in the order of the calls: `PersonaStateChange` tells when it is the
    /// picture. That it cannot be written is logged.
    pub fn set_avatar(&self, image: Option<RgbaImage>) {
        let shared = Arc::downgrade(&self.shared);
        self.shared.local.run(picture::FILE, move |path| {
            let picture = image.map(|image| image.to_picture()).transpose();
            let picture = picture.map_err(io::Error::other)?;
            if let Some(shared) = shared.upgrade() {
                shared.change_avatar(picture.clone());
            }
            picture::store(path.parent().unwrap_or(path), picture.as_ref())
        });
    }
}

impl Shared {
    fn change_avatar(&self, picture: Option<Picture>) {
        let for_others = picture
            .as_ref()
            .map(|picture| (picture.number(), Arc::clone(picture.pixels())));
        self.profile.lock().set_avatar(picture);
        // It is as large as it has to be.
        let _ = self.mirror.lock().set_avatar(for_others);
        self.wake.notify();
    }

    fn avatar(&self, user: SteamId, size_px: u32) -> Option<AvatarSource> {
        let source = self.avatar_source(user);
        if source.is_none() {
            let mut awaited = self.local.awaited_avatars.lock();
            awaited.add(user, Awaited::Pixels(size_px));
        }
        source
    }

    fn avatar_image(&self, user: SteamId, size_px: u32) -> i32 {
        match self.avatar_source(user) {
            Some(source) => self.local.images.lock().handle(user, size_px, &source),
            None if size_px == LARGE => {
                let mut awaited = self.local.awaited_avatars.lock();
                awaited.add(user, Awaited::Image);
                LOADING
            }
            None => 0,
        }
    }

    /// Answers who waits for a user's picture, if it has arrived.
    pub(crate) fn avatar_arrived(&self, user: SteamId) {
        if let Some(source) = self.avatar_source(user) {
            self.answer_awaited(user, &source);
        }
    }

    /// Answers who waits for a user's picture with the generated one: the user is gone, and its own with it.
    pub(crate) fn avatar_gone(&self, user: SteamId) {
        self.answer_awaited(user, &AvatarSource::Generated);
    }

    /// Asks again for pictures that have not come; of those that never do the generated one is the answer. To be called
    /// every few seconds.
    pub(crate) fn try_avatars_again(&self) {
        let users = self.local.awaited_avatars.lock().try_again();
        for (user, gives_up) in users {
            if gives_up {
                self.avatar_gone(user);
            } else {
                self.avatar_arrived(user);
            }
        }
    }

    fn answer_awaited(&self, user: SteamId, source: &AvatarSource) {
        let all = self.local.awaited_avatars.lock().take(user);
        for awaited in all {
            let callback = match awaited {
                Awaited::Pixels(size_px) => Callback::AvatarLoaded {
                    user,
                    size_px,
                    source: source.clone(),
                },
                Awaited::Image => Callback::AvatarImageLoaded {
                    user,
                    image: self.local.images.lock().handle(user, LARGE, source),
                    size_px: LARGE,
                },
            };
            self.callbacks.push(callback);
        }
    }

    /// What a user's picture is made from; `None` while it is on its way.
    fn avatar_source(&self, user: SteamId) -> Option<AvatarSource> {
        let now = self.now_ms();
        let known = self.mirror.lock().avatar(now, user);
        match known {
            Avatar::Generated => Some(AvatarSource::Generated),
            Avatar::Asked => {
                self.wake.notify();
                None
            }
            Avatar::Own(_, pixels) => Some(
                Picture::from_pixels(pixels).map_or(AvatarSource::Generated, AvatarSource::Own),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_answered_once_and_bounded() {
        let id = |number: u64| SteamId::individual(0x5_0000_0000 + number);
        let mut awaited = AwaitedAvatars::default();
        for _ in 0..2 {
            awaited.add(id(1), Awaited::Image);
            awaited.add(id(1), Awaited::Pixels(64));
            awaited.add(id(2), Awaited::Image);
        }
        assert_eq!(awaited.take(id(1)), [Awaited::Image, Awaited::Pixels(64)]);
        assert_eq!(awaited.take(id(1)), []);
        for _ in 0..MAX_TRIES {
            assert_eq!(awaited.try_again(), [(id(2), false)]);
        }
        awaited.add(id(3), Awaited::Pixels(64));
        assert_eq!(awaited.try_again(), [(id(2), true), (id(3), false)]);
        for number in 0..2 * MAX_AWAITED as u64 {
            awaited.add(id(number), Awaited::Image);
        }
        assert_eq!(awaited.0.len(), MAX_AWAITED);
    }
}
