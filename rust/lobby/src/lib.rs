//! The lobby directory: rules, search and protocol, without I/O and without a clock
