//! Directories and mirrors wired together in memory: one behaviour a module.

mod abuse;
mod chat;
mod data;
mod frames;
mod friends;
mod gathering;
mod invitations;
mod isolation;
mod joining;
mod kicking;
mod lies;
mod merge;
mod model;
mod ownership;
mod pending;
mod personas;
mod pictures;
mod presence;
mod properties;
mod requests;
mod rich_presence;
mod search;
mod takeover;
mod tells;
mod world;
