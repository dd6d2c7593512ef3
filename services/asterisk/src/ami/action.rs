//! Requests, and the one rule for all of them: no value ends its line.

mod call;
mod queue;
mod session;
mod watch;

use std::fmt;

pub use call::{Application, Originate, OriginateTarget};
pub use session::{Classes, Filter, Login, challenge_key};

/// Longest line of an action with its name and its `\r\n`: Asterisk cuts at 1,024 and takes the rest for another line.
pub const MAX_ACTION_LINE_BYTES: usize = 1_023;

/// Most lines of an action, `Action` and `ActionID` included: Asterisk drops the rest silently.
pub const MAX_ACTION_HEADERS: usize = 127;

/// What an action and all that answers it are known by: 1 to 64 letters, digits, `.`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ActionId(Box<str>);

impl ActionId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u64> for ActionId {
    fn from(number: u64) -> Self {
        Self(number.to_string().into())
    }
}

impl std::str::FromStr for ActionId {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(ActionError::Illegal { header: "ActionID" })
        }
    }
}

/// A request: a block that is short enough and has as many lines as were meant, whatever was put into it.
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    name: &'static str,
    id: ActionId,
    block: Vec<u8>,
}

/// Why there is no such action. Values never show: they may be secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    #[error("{header} cannot hold a line break or a NUL")]
    LineBreak { header: &'static str },
    #[error("the line of {header} is longer than {MAX_ACTION_LINE_BYTES} bytes")]
    LineTooLong { header: &'static str },
    #[error("an action has at most {MAX_ACTION_HEADERS} lines")]
    TooManyHeaders,
    #[error("{header} cannot be empty")]
    Empty { header: &'static str },
    #[error("{header} holds what Asterisk would not take literally")]
    Illegal { header: &'static str },
}

impl Action {
    /// The bytes to send, with the empty line.
    pub fn as_bytes(&self) -> &[u8] {
        &self.block
    }

    /// `Originate`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn id(&self) -> &ActionId {
        &self.id
    }
}

/// Actions hold secrets and numbers: only the name, the id and the size show.
impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Action({}, {}, {} bytes)", self.name, self.id.as_str(), self.block.len())
    }
}

/// An action that is still being written. The first error stays.
struct Draft {
    action: Action,
    headers: usize,
    error: Option<ActionError>,
}

impl Draft {
    fn of(name: &'static str, id: &ActionId) -> Self {
        let action = Action { name, id: id.clone(), block: Vec::with_capacity(256) };
        Self { action, headers: 0, error: None }.header("Action", name).header("ActionID", id.as_str())
    }

    /// A header that must say something.
    fn required(self, header: &'static str, value: &str) -> Self {
        if value.is_empty() { self.refuse(ActionError::Empty { header }) } else { self.header(header, value) }
    }

    fn optional(self, header: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(header, value),
            None => self,
        }
    }

    fn header(self, header: &'static str, value: &str) -> Self {
        self.line(header, header, value)
    }

    /// `kind` is what an error calls a header whose name came from outside.
    fn line(mut self, kind: &'static str, name: &str, value: &str) -> Self {
        if let Err(error) = self.check(kind, name, value) {
            return self.refuse(error);
        }
        self.headers += 1;
        for part in [name, ": ", value, "\r\n"] {
            self.action.block.extend_from_slice(part.as_bytes());
        }
        self
    }

    fn check(&self, header: &'static str, name: &str, value: &str) -> Result<(), ActionError> {
        if has_break(name) || has_break(value) {
            return Err(ActionError::LineBreak { header });
        }
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
            return Err(ActionError::Illegal { header });
        }
        if name.len() + value.len() + ": \r\n".len() > MAX_ACTION_LINE_BYTES {
            return Err(ActionError::LineTooLong { header });
        }
        if self.headers >= MAX_ACTION_HEADERS { Err(ActionError::TooManyHeaders) } else { Ok(()) }
    }

    fn refuse(mut self, error: ActionError) -> Self {
        self.error.get_or_insert(error);
        self
    }

    fn finish(mut self) -> Result<Action, ActionError> {
        self.action.block.extend_from_slice(b"\r\n");
        self.error.map_or(Ok(self.action), Err)
    }
}

fn has_break(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}
