//! The header of a session: `agi_key: value` lines, ended by a blank one.

use std::{mem, ops::Range};

use bytes::{Bytes, BytesMut};

use super::line::{Lines, without_return};

/// Longest line, bytes: an argument is the data of a dialplan application, which Asterisk keeps in 8 kB.
pub const MAX_LINE_BYTES: usize = 8 * 1024 + 256;
/// Most lines: Asterisk has about twenty of its own and at most 128 arguments.
pub const MAX_LINES: usize = 160;
/// Most bytes in all.
pub const MAX_ENVIRONMENT_BYTES: usize = 32 * 1024;

/// What Asterisk tells about the channel. Values are bytes: a phone may write its name in any encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    block: Bytes,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    key: Range<usize>,
    value: Range<usize>,
}

/// Why there is no environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    #[error("a line is longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
    #[error("there are more than {MAX_LINES} lines")]
    TooManyLines,
    #[error("it is longer than {MAX_ENVIRONMENT_BYTES} bytes")]
    TooLong,
    /// Told when the blank line is read: the block is consumed, and the peer can still be answered.
    #[error("line {number} {fault}")]
    Line { number: usize, fault: LineFault },
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    #[error("has no colon")]
    MissingColon,
    #[error("has no agi_ key")]
    BadKey,
    #[error("holds a NUL")]
    Nul,
    /// A line break in a caller's number writes lines of its own; the one it forges comes a second time.
    #[error("repeats a key")]
    Duplicate,
}

/// A value is no UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is no UTF-8")]
pub struct NotText;

/// Decodes one environment.
#[derive(Debug, Default)]
pub struct EnvironmentDecoder {
    lines: Lines,
    entries: Vec<Entry>,
    number: usize,
    fault: Option<EnvironmentError>,
}

impl EnvironmentDecoder {
    /// Takes the environment from the buffer once it is complete.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Environment>, EnvironmentError> {
        loop {
            let start = self.lines.start();
            let line = self.lines.next(buffer);
            check_room(start, line.as_ref().map_or(buffer.len().saturating_sub(start), Range::len))?;
            let Some(line) = line else { return Ok(None) };
            let line = without_return(buffer, line);
            if line.is_empty() {
                return self.finish(buffer).map(Some);
            }
            if self.number == MAX_LINES {
                return Err(EnvironmentError::TooManyLines);
            }
            self.number += 1;
            self.take(buffer, line);
        }
    }

    /// Keeps a line, or the first fault of all lines.
    fn take(&mut self, buffer: &[u8], line: Range<usize>) {
        match entry(buffer, line, &self.entries) {
            Ok(entry) => self.entries.push(entry),
            Err(fault) => {
                let number = self.number;
                self.fault.get_or_insert(EnvironmentError::Line { number, fault });
            }
        }
    }

    fn finish(&mut self, buffer: &mut BytesMut) -> Result<Environment, EnvironmentError> {
        let decoder = mem::take(self);
        let block = buffer.split_to(decoder.lines.start()).freeze();
        match decoder.fault {
            None => Ok(Environment { block, entries: decoder.entries }),
            Some(fault) => Err(fault),
        }
    }
}

/// Which cap is hit first depends on where the line starts, never on how much of it has arrived.
fn check_room(start: usize, length: usize) -> Result<(), EnvironmentError> {
    let room = MAX_ENVIRONMENT_BYTES.saturating_sub(start);
    if length <= room.min(MAX_LINE_BYTES) {
        Ok(())
    } else if room < MAX_LINE_BYTES {
        Err(EnvironmentError::TooLong)
    } else {
        Err(EnvironmentError::LineTooLong)
    }
}

fn entry(buffer: &[u8], line: Range<usize>, earlier: &[Entry]) -> Result<Entry, LineFault> {
    let text = &buffer[line.clone()];
    if memchr::memchr(0, text).is_some() {
        return Err(LineFault::Nul);
    }
    let colon = memchr::memchr(b':', text).ok_or(LineFault::MissingColon)?;
    let key = line.start..line.start + colon;
    if !is_key(&buffer[key.clone()]) {
        return Err(LineFault::BadKey);
    }
    if earlier.iter().any(|entry| buffer[entry.key.clone()] == buffer[key.clone()]) {
        return Err(LineFault::Duplicate);
    }
    let blank = usize::from(text.get(colon + 1) == Some(&b' '));
    Ok(Entry { value: key.end + 1 + blank..line.end, key })
}

fn is_key(key: &[u8]) -> bool {
    let named = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    key.strip_prefix(b"agi_").is_some_and(|name| !name.is_empty() && name.iter().all(named))
}

impl Environment {
    /// The value of a key, as it was sent.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        let entry = self.entries.iter().find(|entry| self.block[entry.key.clone()] == *key.as_bytes())?;
        Some(&self.block[entry.value.clone()])
    }

    /// The value of a key as text.
    pub fn text(&self, key: &str) -> Result<Option<&str>, NotText> {
        self.get(key).map(std::str::from_utf8).transpose().map_err(|_| NotText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &[u8]) -> Result<Option<Environment>, EnvironmentError> {
        EnvironmentDecoder::default().decode(&mut BytesMut::from(text))
    }

    fn fault(text: &[u8]) -> LineFault {
        match decode(text) {
            Err(EnvironmentError::Line { fault, .. }) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_read_as_asterisk_writes_them() {
        let text =
            b"agi_network: yes\nagi_accountcode: \nagi_calleridname:  a: b \nagi_arg_1: x=1&y=%20\n\n200";
        let mut buffer = BytesMut::from(&text[..]);
        let environment = EnvironmentDecoder::default().decode(&mut buffer).unwrap().unwrap();
        assert_eq!(environment.get("agi_network"), Some(&b"yes"[..]));
        assert_eq!(environment.get("agi_accountcode"), Some(&b""[..]));
        assert_eq!(environment.get("agi_calleridname"), Some(&b" a: b "[..]));
        assert_eq!(environment.text("agi_arg_1"), Ok(Some("x=1&y=%20")));
        assert_eq!(environment.text("agi_arg_2"), Ok(None));
        assert_eq!(&buffer[..], b"200");
    }

    #[test]
    fn line_ends_of_other_systems_are_understood() {
        let environment = decode(b"agi_a: 1\r\nagi_b: \r\n\r\n").unwrap().unwrap();
        assert_eq!((environment.get("agi_a"), environment.get("agi_b")), (Some(&b"1"[..]), Some(&b""[..])));
    }

    #[test]
    fn a_name_in_another_encoding_is_no_fault_before_it_is_asked_for() {
        let environment = decode(b"agi_calleridname: J\xfcrgen\nagi_arg_1: x\n\n").unwrap().unwrap();
        assert_eq!(environment.text("agi_arg_1"), Ok(Some("x")));
        assert_eq!(environment.text("agi_calleridname"), Err(NotText));
    }

    #[test]
    fn faults_are_told_at_the_end_of_the_block() {
        assert_eq!(fault(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), LineFault::MissingColon);
        assert_eq!(fault(b"host: x\n\n"), LineFault::BadKey);
        assert_eq!(fault(b"agi_: x\n\n"), LineFault::BadKey);
        assert_eq!(fault(b"agi_\xff: x\n\n"), LineFault::BadKey);
        assert_eq!(fault(b"agi_a: x\0y\n\n"), LineFault::Nul);
        assert_eq!(fault(b"agi_a: x\nagi_a: x\n\n"), LineFault::Duplicate);
        assert_eq!(decode(b"no colon\nagi_a: x\n"), Ok(None));
        let mut buffer = BytesMut::from(&b"x\n\n200 result=1\n"[..]);
        EnvironmentDecoder::default().decode(&mut buffer).unwrap_err();
        assert_eq!(&buffer[..], b"200 result=1\n");
    }

    #[test]
    fn caps_are_told_at_once() {
        assert_eq!(decode(&[b'x'; MAX_LINE_BYTES]), Ok(None));
        assert_eq!(decode(&[b'x'; MAX_LINE_BYTES + 1]), Err(EnvironmentError::LineTooLong));
        assert_eq!(decode("a: b\n".repeat(MAX_LINES).as_bytes()), Ok(None));
        assert_eq!(decode("a: b\n".repeat(MAX_LINES + 1).as_bytes()), Err(EnvironmentError::TooManyLines));
        let long = "x".repeat(1023) + "\n";
        assert_eq!(decode(long.repeat(40).as_bytes()), Err(EnvironmentError::TooLong));
    }
}
