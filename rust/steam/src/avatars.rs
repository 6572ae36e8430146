//! `ISteamFriends`: pictures of users, as pixels and as image handles.

use std::io;

use samovar_id::SteamId;

use crate::avatar::LARGE;
use crate::callback::Callback;
use crate::client::Steam;
use crate::images::AvatarSource;
use crate::picture::Picture;

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

/// The answers about pictures that are on their way, oldest first, nobody twice.
#[derive(Debug, Default)]
pub(crate) struct AwaitedAvatars(Vec<(SteamId, Awaited)>);

impl AwaitedAvatars {
    fn add(&mut self, user: SteamId, awaited: Awaited) {
        if self.0.contains(&(user, awaited)) {
            return;
        }
        if self.0.len() >= MAX_AWAITED {
            self.0.remove(0);
        }
        self.0.push((user, awaited));
    }

    fn take(&mut self, user: SteamId) -> Vec<Awaited> {
        self.0
            .extract_if(.., |(of, _)| *of == user)
            .map(|(_, awaited)| awaited)
            .collect()
    }
}

impl Steam {
    /// A user's picture, to be had in `size_px` * `size_px` pixels; `None` while it is on its way, and then
    /// `AvatarLoaded` follows.
    pub fn avatar(&self, user: SteamId, size_px: u32) -> Option<AvatarSource> {
        let source = self.avatar_source(user);
        if source.is_none() {
            let mut awaited = self.shared.local.awaited_avatars.lock();
            awaited.add(user, Awaited::Pixels(size_px));
        }
        source
    }

    /// The image handle of a user's picture, `size_px` * `size_px` pixels; 0 while it is on its way. Of the large one it
    /// is -1 then, and `AvatarImageLoaded` follows.
    pub fn avatar_image(&self, user: SteamId, size_px: u32) -> i32 {
        match self.avatar_source(user) {
            Some(source) => self
                .shared
                .local
                .images
                .lock()
                .handle(user, size_px, &source),
            None if size_px == LARGE => {
                let mut awaited = self.shared.local.awaited_avatars.lock();
                awaited.add(user, Awaited::Image);
                LOADING
            }
            None => 0,
        }
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

    /// The local user's own picture; `None` when it is the generated one.
    pub fn own_picture(&self) -> Option<Picture> {
        self.shared.local.picture.lock().clone()
    }

    /// Changes the local user's own picture, from now on and for later starts; `None` is the generated one, for which
    /// every picture in the profile's folder is removed.
    ///
    /// # Errors
    /// When it cannot be written; it holds for this process nevertheless.
    pub fn set_own_picture(&self, picture: Option<&Picture>) -> io::Result<()> {
        self.shared.local.set_picture(picture)
    }

    /// Answers who waits for a user's picture. To be called when the mirror has it, or knows that there is none.
    pub fn avatar_arrived(&self, user: SteamId) {
        let awaited = self.shared.local.awaited_avatars.lock().take(user);
        for awaited in awaited {
            match awaited {
                Awaited::Pixels(size_px) => {
                    if let Some(source) = self.avatar(user, size_px) {
                        self.shared.callbacks.push(Callback::AvatarLoaded {
                            user,
                            size_px,
                            source,
                        });
                    }
                }
                Awaited::Image => {
                    let image = self.avatar_image(user, LARGE);
                    if image > 0 {
                        self.shared.callbacks.push(Callback::AvatarImageLoaded {
                            user,
                            image,
                            size_px: LARGE,
                        });
                    }
                }
            }
        }
    }

    /// What a user's picture is made from; `None` while it is on its way.
    fn avatar_source(&self, user: SteamId) -> Option<AvatarSource> {
        if user == self.steam_id {
            let own = self.own_picture();
            return Some(own.map_or(AvatarSource::Generated, AvatarSource::Own));
        }
        Some(AvatarSource::Generated)
    }
}
