//! What Asterisk says to a command, and that the caller hung up.

use std::{mem, ops::Range};

use bytes::BytesMut;

use super::line::{Lines, without_return};

/// Longest reply, bytes, all of its lines together.
pub const MAX_REPLY_BYTES: usize = 8 * 1024;

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `200 result=1` or `200 result=1 (value)`.
    Success { result: String, value: Option<String> },
    /// `510`: Asterisk knows no such command.
    UnknownCommand,
    /// `511`: the channel is gone, or the command is not permitted on it.
    NotPermitted,
    /// `520`: the command is known, its arguments are not.
    BadSyntax { usage: String },
    /// No reply to anything: the caller hung up.
    Hangup,
}

/// Why bytes are no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    #[error("the reply is longer than {MAX_REPLY_BYTES} bytes")]
    TooLong,
    #[error("the reply holds a NUL")]
    Nul,
    #[error("the reply is no UTF-8")]
    NotText,
    #[error("the reply has no known form")]
    Unknown,
}

/// Decodes replies, one after another.
#[derive(Debug, Default)]
pub struct ReplyDecoder {
    lines: Lines,
    /// Where the usage begins that a `520-` line announced.
    usage: Option<usize>,
}

impl ReplyDecoder {
    /// Takes the next reply from the buffer once it is complete.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Reply>, ReplyError> {
        loop {
            let line = self.lines.next(buffer);
            if line.as_ref().map_or(buffer.len(), |line| line.end) > MAX_REPLY_BYTES {
                return Err(ReplyError::TooLong);
            }
            let Some(line) = line else { return Ok(None) };
            let text = &buffer[without_return(buffer, line.clone())];
            if text.starts_with(b"520-") && self.usage.is_none() {
                self.usage = Some(line.end + 1);
            } else if self.usage.is_none() || text.starts_with(b"520 ") || text == b"520" {
                return self.finish(buffer, line).map(Some);
            }
        }
    }

    fn finish(&mut self, buffer: &mut BytesMut, last: Range<usize>) -> Result<Reply, ReplyError> {
        let Self { lines, usage } = mem::take(self);
        let block = buffer.split_to(lines.start());
        if let Some(start) = usage {
            let usage = text(&block[start..last.start])?.trim_end().to_owned();
            return Ok(Reply::BadSyntax { usage });
        }
        reply(text(&block[without_return(&block, last)])?)
    }
}

fn text(bytes: &[u8]) -> Result<&str, ReplyError> {
    if memchr::memchr(0, bytes).is_some() {
        return Err(ReplyError::Nul);
    }
    std::str::from_utf8(bytes).map_err(|_| ReplyError::NotText)
}

fn reply(line: &str) -> Result<Reply, ReplyError> {
    if line == "HANGUP" {
        return Ok(Reply::Hangup);
    }
    let (code, rest) = line.split_once(' ').unwrap_or((line, ""));
    match code {
        "200" => success(rest.strip_prefix("result=").ok_or(ReplyError::Unknown)?),
        "510" => Ok(Reply::UnknownCommand),
        "511" => Ok(Reply::NotPermitted),
        "520" => Ok(Reply::BadSyntax { usage: rest.to_owned() }),
        _ => Err(ReplyError::Unknown),
    }
}

/// The value stands in brackets and may hold brackets itself; what else may follow (`endpos=`) is of no use here.
fn success(rest: &str) -> Result<Reply, ReplyError> {
    let (result, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let bracketed = more.strip_prefix('(').and_then(|more| more.rsplit_once(')'));
    if more.starts_with('(') && bracketed.is_none() {
        return Err(ReplyError::Unknown);
    }
    Ok(Reply::Success { result: result.to_owned(), value: bracketed.map(|(value, _)| value.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &[u8]) -> Result<Option<Reply>, ReplyError> {
        ReplyDecoder::default().decode(&mut BytesMut::from(text))
    }

    fn success(result: &str, value: Option<&str>) -> Reply {
        Reply::Success { result: result.into(), value: value.map(Into::into) }
    }

    #[test]
    fn replies_are_read_as_asterisk_writes_them() {
        let usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: SET VARIABLE <name> <value>\n\
                     520 End of proper usage.\n";
        let cases = [
            ("200 result=1\n", success("1", None)),
            ("200 result=-1\r\n", success("-1", None)),
            ("200 result=1 (PJSIP/a(b)-1)\n", success("1", Some("PJSIP/a(b)-1"))),
            ("200 result=1 ()\n", success("1", Some(""))),
            ("200 result=0 endpos=160\n", success("0", None)),
            ("200 result=*12 (timeout)\n", success("*12", Some("timeout"))),
            ("510 Invalid or unknown command\n", Reply::UnknownCommand),
            ("511 Command Not Permitted on a dead channel or intercept routine\n", Reply::NotPermitted),
            ("511 result=-1 Command Not Permitted on a dead channel\n", Reply::NotPermitted),
            (usage, Reply::BadSyntax { usage: "Usage: SET VARIABLE <name> <value>".into() }),
            ("520 Invalid command syntax.\n", Reply::BadSyntax { usage: "Invalid command syntax.".into() }),
            ("HANGUP\n", Reply::Hangup),
        ];
        for (text, reply) in cases {
            assert_eq!(decode(text.as_bytes()), Ok(Some(reply)), "{text}");
        }
    }

    #[test]
    fn one_reply_is_taken_at_a_time() {
        let mut buffer = BytesMut::from(&b"200 result=1\nHANGUP\n200 res"[..]);
        let mut decoder = ReplyDecoder::default();
        assert_eq!(decoder.decode(&mut buffer), Ok(Some(success("1", None))));
        assert_eq!(decoder.decode(&mut buffer), Ok(Some(Reply::Hangup)));
        assert_eq!(decoder.decode(&mut buffer), Ok(None));
        buffer.extend_from_slice(b"ult=0\n");
        assert_eq!(decoder.decode(&mut buffer), Ok(Some(success("0", None))));
        assert!(buffer.is_empty());
    }

    #[test]
    fn what_is_no_reply_is_an_error() {
        assert_eq!(decode(b"\n"), Err(ReplyError::Unknown));
        assert_eq!(decode(b"200\n"), Err(ReplyError::Unknown));
        assert_eq!(decode(b"200 result=1 (open\n"), Err(ReplyError::Unknown));
        assert_eq!(decode(b"agi_arg_1: x\n"), Err(ReplyError::Unknown));
        assert_eq!(decode(b"200 result=\0\n"), Err(ReplyError::Nul));
        assert_eq!(decode(b"200 result=\xff\n"), Err(ReplyError::NotText));
        assert_eq!(decode(&[b'x'; MAX_REPLY_BYTES + 1]), Err(ReplyError::TooLong));
        let endless = format!("520-x\n{}", "Usage\n".repeat(2_000));
        assert_eq!(decode(endless.as_bytes()), Err(ReplyError::TooLong));
    }
}
