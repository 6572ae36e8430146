//! Hosts a directory for the games that connect to it
