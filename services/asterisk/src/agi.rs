//! AGI: what Asterisk tells a script about a channel, the commands a script answers with, and the replies to them.
//!
//! Decoders take the buffer a socket fills, leave in it what they have not consumed, and look at no byte twice. How the
//! bytes were torn on the way never changes what comes out. After an error a decoder is spent: whatever follows on that
//! connection cannot be told apart any more (the one exception is [`EnvironmentError::Line`]).

mod command;
mod environment;
mod hash;
mod line;
mod reply;

pub use command::{Command, CommandError, MAX_COMMAND_BYTES};
pub use environment::{
    Environment, EnvironmentDecoder, EnvironmentError, LineFault, MAX_ENVIRONMENT_BYTES, MAX_LINE_BYTES,
    MAX_LINES, NotText,
};
pub use hash::fill_hash;
pub use reply::{MAX_REPLY_BYTES, Reply, ReplyDecoder, ReplyError};
