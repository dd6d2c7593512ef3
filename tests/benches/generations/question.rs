//! Questions of a node that knows the operator's tables, over a connection that is kept.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::{
    operator::{self, ADDRESSES_EACH, NUMBERS, PROVIDERS},
    tables::TOKEN,
};

const PATIENCE: Duration = Duration::from_secs(5);
/// How many of the numbers have a phone that answers.
const ANSWERED: i64 = 100_000;

/// What is asked: the verb and the form.
pub(crate) struct Question {
    verb: &'static str,
    form: String,
}

/// A carrier calls a number that a phone answers, or that a test answers once `echotest` is set.
pub(crate) fn arriving(at: i64) -> Question {
    let number = operator::answered(at);
    let address = number % PROVIDERS * ADDRESSES_EACH + 1;
    let (source, to) = (operator::source(address), operator::leased(number));
    let form = format!(
        "node=node-1&token={TOKEN}&dp=1&call=c{at}&endpoint=sbc-{address}&source={source}&to={to}&from=anonymous"
    );
    Question { verb: "inbound", form }
}

/// The key of the row `arriving` asks about.
pub(crate) fn key(at: i64) -> i64 {
    operator::answered(at) + 1
}

/// A phone calls any number there is.
pub(crate) fn leaving(at: i64) -> Question {
    let (phone, to) =
        (operator::scattered(at) % 10_000, 10_000_000_000 + operator::scattered(at + 7) % 80_000_000_000);
    let form = format!("node=node-1&token={TOKEN}&dp=1&call=c{at}&endpoint=phone-{phone}&to=%2B{to}");
    Question { verb: "outbound", form }
}

/// A number nobody else of this bench asks about, far from the last one.
pub(crate) fn unasked(at: i64) -> i64 {
    let half = ANSWERED / 2;
    half + (at * 7_919) % half
}

/// One of the numbers that never change.
pub(crate) fn asked(at: i64) -> i64 {
    (at * 7_919) % (ANSWERED / 2)
}

const _: () = assert!(ANSWERED < NUMBERS);

/// A connection to a router.
pub(crate) struct Asker(BufReader<TcpStream>);

impl Asker {
    pub(crate) fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Asks and reads the line that answers.
    pub(crate) fn ask(&mut self, question: &Question) -> io::Result<String> {
        let Question { verb, form } = question;
        let request = format!(
            "POST /v1/{verb} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut body = vec![0; self.content_length()?];
        self.0.read_exact(&mut body)?;
        String::from_utf8(body).map_err(io::Error::other)
    }

    fn content_length(&mut self) -> io::Result<usize> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == "\r\n" {
                return Ok(length);
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
    }
}
