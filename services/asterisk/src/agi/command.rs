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
        let mut setting = Setting::of(name)?;
        setting.push(value, Escapes::VALUE)?;
        setting.finish()
    }

    /// `GET VARIABLE name`, global variables included. The value comes with the reply.
    pub fn get_variable(name: &str) -> Result<Self, CommandError> {
        if !is_name(name) {
            return Err(CommandError::BadName);
        }
        let line = format!("GET VARIABLE {name}\n");
        if line.len() > MAX_COMMAND_BYTES { Err(CommandError::TooLong) } else { Ok(Self(line)) }
    }

    /// The bytes to send, with the `\n`.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Answers hold full numbers: only the length shows.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({} bytes)", self.0.len())
    }
}

/// A `SET VARIABLE` whose value is still being written.
pub(super) struct Setting(String);

/// A word that Asterisk's word splitter takes as it is.
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    !text.is_empty() && text.bytes().all(plain)
}

/// What closes the value and the line.
const END: &str = "\"\n";

impl Setting {
    pub(super) fn of(name: &str) -> Result<Self, CommandError> {
        if !is_name(name) {
            return Err(CommandError::BadName);
        }
        // Room for a usual answer, and still a size that allocators keep at hand.
        let mut line = String::with_capacity(1_000);
        line.extend(["SET VARIABLE ", name, " \""]);
        Ok(Self(line))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(super) fn fits(&self) -> bool {
        self.0.len() + END.len() <= MAX_COMMAND_BYTES
    }

    pub(super) fn push(&mut self, text: &str, escapes: &Escapes) -> Result<(), CommandError> {
        let mut rest = text;
        while let Some(place) = rest.bytes().position(|byte| escapes.of(byte) != 0) {
            let backslashes = BACKSLASHES.get(..escapes.of(rest.as_bytes()[place]));
            // All special bytes are ASCII, so this cuts between characters.
            let (plain, from) = rest.split_at(place);
            let (special, after) = from.split_at(1);
            self.0.extend([plain, backslashes.ok_or(CommandError::LineBreak)?, special]);
            rest = after;
        }
        self.0.push_str(rest);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Command, CommandError> {
        if !self.fits() {
            return Err(CommandError::TooLong);
        }
        self.0.push_str(END);
        Ok(Command(self.0))
    }
}

const BACKSLASHES: &str = r"\\\";

/// How many backslashes make each byte mean itself.
pub(super) struct Escapes([u8; 256]);

impl Escapes {
    /// More than there are: no line can carry this byte.
    const NEVER: u8 = u8::MAX;

    /// Between double quotes, only these two mean something to Asterisk's word splitter.
    pub(super) const VALUE: &'static Self = &Self::new(&[(b'"', 1), (b'\\', 1)]);

    /// An item of a comma-separated list between double quotes. Brackets hide commas from Asterisk's list splitter,
    /// even an open one in a far-off item, and it eats quotes and backslashes. Its own backslash is escaped once more.
    pub(super) const ITEM: &'static Self =
        &Self::new(&[(b',', 2), (b'(', 2), (b')', 2), (b'[', 2), (b']', 2), (b'"', 3), (b'\\', 3)]);

    const fn new(special: &[(u8, u8)]) -> Self {
        let mut table = [0; 256];
        table[b'\r' as usize] = Self::NEVER;
        table[b'\n' as usize] = Self::NEVER;
        table[0] = Self::NEVER;
        let mut rest = special;
        while let [(byte, backslashes), more @ ..] = rest {
            table[*byte as usize] = *backslashes;
            rest = more;
        }
        Self(table)
    }

    fn of(&self, byte: u8) -> usize {
        usize::from(self.0[usize::from(byte)])
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
            assert_eq!(Command::get_variable(name), Err(CommandError::BadName));
        }
    }

    #[test]
    fn a_variable_is_asked_for_by_name() {
        assert_eq!(Command::get_variable("DP_TOKEN").unwrap().as_bytes(), b"GET VARIABLE DP_TOKEN\n");
    }

    #[test]
    fn lengths_are_capped() {
        assert_eq!(Command::get_variable(&"x".repeat(MAX_COMMAND_BYTES)), Err(CommandError::TooLong));
        let room = MAX_COMMAND_BYTES - "SET VARIABLE DP \"\"\n".len();
        assert_eq!(set("DP", &"x".repeat(room)).unwrap().len(), MAX_COMMAND_BYTES);
        assert_eq!(set("DP", &"x".repeat(room + 1)), Err(CommandError::TooLong));
        assert_eq!(set("DP", &"\\".repeat(room)), Err(CommandError::TooLong));
    }
}
