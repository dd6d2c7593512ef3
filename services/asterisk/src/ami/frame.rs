use bytes::Bytes;

use super::{block::Block, value::Value};

/// What a decoder makes of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Asterisk's greeting: the one line that no empty line follows.
    Banner(Banner),
    /// The answer to an action.
    Response(Response),
    /// Something that happened, or an item of a list that was asked for: [`super::Event::read`] knows which.
    Event(Block),
    /// A block that broke a limit or is neither of the above.
    Damaged(Damaged),
}

/// `Asterisk Call Manager/11.0.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner(pub(super) Bytes);

impl Banner {
    pub(super) const PREFIX: &'static [u8] = b"Asterisk Call Manager";

    /// The version of the protocol, not of Asterisk: 1.0 is Asterisk 1.4, 1.1 is 1.6 and 1.8, 1.2 is 10, 1.3 is 11,
    /// 2 is 12 and 13, 3 is 14, 5 is 16, 11 is 22.
    pub fn version(&self) -> Value<'_> {
        let rest = self.0.strip_prefix(Self::PREFIX).unwrap_or_default();
        Value::new(rest.strip_prefix(b"/").unwrap_or(rest).trim_ascii())
    }

    /// The first number of the version.
    pub fn major(&self) -> Option<u32> {
        let version = self.version().as_bytes();
        Value::new(version.split(|byte| *byte == b'.').next()?).number()
    }

    /// Whether the output of a command comes bare, up to `--END COMMAND--`: until Asterisk 13.
    pub(super) fn has_bare_output(&self) -> bool {
        self.major().is_some_and(|major| major <= 2)
    }
}

/// A block that begins with `Response:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response(pub(super) Block);

/// Whether a list begins or is over (`EventList:`, since Asterisk 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListMark {
    Start,
    Complete,
    Cancelled,
}

impl Response {
    pub fn block(&self) -> &Block {
        &self.0
    }

    /// Everything but `Error`: `Success`, `Follows`, `Goodbye`, `Pong`.
    pub fn is_success(&self) -> bool {
        self.0.name().is_some_and(|verdict| !verdict.is("Error"))
    }

    /// What Asterisk has to say about it.
    pub fn message(&self) -> Option<Value<'_>> {
        self.0.value("Message")
    }

    pub fn action_id(&self) -> Option<Value<'_>> {
        self.0.action_id()
    }

    /// The output of a command, line by line, however the version writes it.
    pub fn output(&self) -> impl Iterator<Item = Value<'_>> {
        self.0.headers().filter(|header| header.is_bare() || header.is("Output")).filter_map(|header| {
            let Some(last) = header.value.as_bytes().strip_suffix(END_COMMAND) else {
                return Some(header.value);
            };
            // The last line may lack its end.
            (!last.is_empty()).then(|| Value::new(last))
        })
    }
}

/// What ends the output of a command until Asterisk 13.
pub(super) const END_COMMAND: &[u8] = b"--END COMMAND--";

impl Block {
    /// Whether this begins or ends a list.
    pub fn list_mark(&self) -> Option<ListMark> {
        let value = self.value("EventList")?;
        let marks = [
            ("start", ListMark::Start),
            ("complete", ListMark::Complete),
            ("cancelled", ListMark::Cancelled),
        ];
        marks.into_iter().find(|(word, _)| value.is(word)).map(|(_, mark)| mark)
    }
}

/// A block that could not be taken whole. The stream goes on after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    pub fault: Fault,
    /// The headers before the fault, enough to name an event, a channel or an action; all of them if nothing was cut.
    pub head: Block,
    /// Bytes of the whole block as it came, the empty line included.
    pub bytes: u64,
}

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a line is too long")]
    LineTooLong,
    #[error("there are too many headers")]
    TooManyHeaders,
    #[error("the block is too long")]
    BlockTooLong,
    #[error("the block is neither an event nor a response")]
    Unrecognised,
}
