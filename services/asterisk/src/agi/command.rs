use std::fmt;

/// Longest command, bytes with its `\n`: Asterisk 16 cuts a line at 2,047 bytes, and still says it is fine.
pub const MAX_COMMAND_BYTES: usize = 1_999;

/// One command: a single line that is short enough, whatever was put into it.
#[derive(Clone, PartialEq, Eq)]
pub struct Command(String);

/// Why there is no such command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    #[error("no variable can have this name")]
    BadName,
    #[error("a command cannot carry a line break or a NUL")]
    LineBreak,
    #[error("the command is longer than {MAX_COMMAND_BYTES} bytes")]
    TooLong,
}

impl Command {
    /// `SET VARIABLE name "value"`. The name may be a function that can be set, like `HASH(DP,key)`.
    pub fn set_variable(name: &str, value: &str) -> Result<Self, CommandError> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(CommandError::BadName);
        }
        if value.contains(['\r', '\n', '\0']) {
            return Err(CommandError::LineBreak);
        }
        let mut line = String::with_capacity(name.len() + value.len() + value.len() / 4 + 20);
        line.extend(["SET VARIABLE ", name, " \""]);
        push_escaped(&mut line, value, needs_escape);
        line.push_str("\"\n");
        if line.len() > MAX_COMMAND_BYTES { Err(CommandError::TooLong) } else { Ok(Self(line)) }
    }

    /// The bytes to send, with the `\n`.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Between double quotes, only these two mean something to Asterisk's word splitter.
fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

/// Adds `text` with a backslash before each special byte; all of those are ASCII.
pub(super) fn push_escaped(line: &mut String, text: &str, special: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some(place) = rest.bytes().position(&special) {
        let (plain, from) = rest.split_at(place);
        line.extend([plain, "\\", &from[..1]]);
        rest = &from[1..];
    }
    line.push_str(rest);
}

/// Bytes that `value` takes up inside the quotes.
pub(super) fn quoted_len(value: &str) -> usize {
    value.len() + value.bytes().filter(|byte| needs_escape(*byte)).count()
}

/// Bytes of `SET VARIABLE name ""\n`.
pub(super) fn frame_len(name: &str) -> usize {
    "SET VARIABLE  \"\"\n".len() + name.len()
}

/// Answers hold full numbers: only the length shows.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> Result<String, CommandError> {
        Command::set_variable(name, value).map(|command| command.0)
    }

    #[test]
    fn values_are_quoted() {
        assert_eq!(set("DP", r#"a "b" \c, d"#).unwrap(), "SET VARIABLE DP \"a \\\"b\\\" \\\\c, d\"\n");
        assert_eq!(set("HASH(DP,id)", "").unwrap(), "SET VARIABLE HASH(DP,id) \"\"\n");
    }

    #[test]
    fn what_could_become_a_second_command_is_refused() {
        for value in ["a\nEXEC System x", "a\r", "a\0"] {
            assert_eq!(set("DP", value), Err(CommandError::LineBreak));
        }
        for name in ["", "a b", "a\"", "a\\", "a\n", "\u{e9}"] {
            assert_eq!(set(name, "x"), Err(CommandError::BadName));
        }
    }

    #[test]
    fn lengths_are_known_beforehand_and_capped() {
        for value in ["", "plain", "\"\\\"", "\u{fc}\\"] {
            assert_eq!(set("DP", value).unwrap().len(), frame_len("DP") + quoted_len(value));
        }
        let room = MAX_COMMAND_BYTES - frame_len("DP");
        assert_eq!(set("DP", &"x".repeat(room)).unwrap().len(), MAX_COMMAND_BYTES);
        assert_eq!(set("DP", &"x".repeat(room + 1)), Err(CommandError::TooLong));
        assert_eq!(set("DP", &"\\".repeat(room)), Err(CommandError::TooLong));
    }
}
