//! What reading and handling a frame costs whoever gets it, in memory that is allocated: for each frame that there is.

mod commands;
mod counted;
mod events;
mod samples;
