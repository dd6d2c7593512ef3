//! The languages Asterisk speaks to programs, as grammar: bytes in, values out. Sockets and clocks live one layer up.

pub mod agi;
pub mod ami;
