//! A host and its clients, wired together in memory: one behaviour a module.

mod crowd;
mod floods;
mod refusals;
