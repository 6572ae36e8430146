//! Standard output, kept shut while the godot crate is loaded: it prints a line about itself at each start of a game, and
//! leaves no choice but an argument of Godot's.

/// Keeps it shut as long as it lives. Nothing is printed by the game meanwhile: the library is being loaded.
pub(super) struct Quiet(#[allow(dead_code)] Option<system::Shut>);

impl Quiet {
    pub(super) fn new() -> Self {
        Self(system::Shut::new())
    }
}

#[cfg(unix)]
mod system {
    use std::fs::OpenOptions;
    use std::os::fd::OwnedFd;

    use rustix::io::fcntl_dupfd_cloexec;
    use rustix::stdio::{dup2_stdout, stdout};

    /// What standard output was.
    pub(super) struct Shut(OwnedFd);

    impl Shut {
        /// `None` where there is none, or it cannot be shut.
        pub(super) fn new() -> Option<Self> {
            let before = fcntl_dupfd_cloexec(stdout(), 3).ok()?;
            let nowhere = OpenOptions::new().write(true).open("/dev/null").ok()?;
            dup2_stdout(nowhere).ok()?;
            Some(Self(before))
        }
    }

    impl Drop for Shut {
        fn drop(&mut self) {
            let opened = dup2_stdout(&self.0);
            debug_assert!(opened.is_ok());
        }
    }
}

#[cfg(windows)]
mod system {
    // The system takes and gives raw handles.
    #![allow(unsafe_code)]

    use std::ptr;

    use windows_sys::Win32::Foundation::HANDLE;
    use windows_sys::Win32::System::Console::{GetStdHandle, STD_OUTPUT_HANDLE, SetStdHandle};

    /// What standard output was.
    pub(super) struct Shut(HANDLE);

    impl Shut {
        /// `None` where it cannot be shut.
        pub(super) fn new() -> Option<Self> {
            // SAFETY: both only look up and store a handle. With none Rust prints nothing.
            unsafe {
                let before = GetStdHandle(STD_OUTPUT_HANDLE);
                (SetStdHandle(STD_OUTPUT_HANDLE, ptr::null_mut()) != 0).then_some(Self(before))
            }
        }
    }

    impl Drop for Shut {
        fn drop(&mut self) {
            // SAFETY: as above; the handle is the one that was there.
            unsafe { SetStdHandle(STD_OUTPUT_HANDLE, self.0) };
        }
    }
}

#[cfg(not(any(unix, windows)))]
mod system {
    /// There is nothing to shut.
    pub(super) struct Shut;

    impl Shut {
        pub(super) fn new() -> Option<Self> {
            None
        }
    }
}
