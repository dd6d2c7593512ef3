//! Questions asked of a router without a node, over a connection that is kept as `CURL()` keeps it.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

const LIMIT: Duration = Duration::from_secs(30);

/// A connection for one question after the other.
#[derive(Debug)]
pub struct Line(BufReader<TcpStream>);

impl Line {
    pub fn open(port: u16) -> io::Result<Self> {
        let connection = TcpStream::connect(("127.0.0.1", port))?;
        connection.set_read_timeout(Some(LIMIT))?;
        connection.set_nodelay(true)?;
        Ok(Self(BufReader::new(connection)))
    }

    /// Asks for the route of an outgoing call.
    pub fn ask(&mut self, form: &str) -> io::Result<Answer> {
        self.ask_for("outbound", form)
    }

    /// Asks for anything of the contract.
    pub fn ask_for(&mut self, verb: &str, form: &str) -> io::Result<Answer> {
        let request = format!(
            "POST /v1/{verb} HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut body = vec![0; self.head()?];
        self.0.read_exact(&mut body)?;
        Ok(Answer::parse(&String::from_utf8_lossy(&body)))
    }

    /// Reads to the end of the head; gives the length of the body.
    fn head(&mut self) -> io::Result<usize> {
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                return length.ok_or(io::ErrorKind::InvalidData.into());
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.parse().ok();
            }
        }
    }
}

/// What a router answered, field by field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer(BTreeMap<String, String>);

impl Answer {
    fn parse(line: &str) -> Self {
        let fields = line.trim_end().split('&').filter_map(|field| field.split_once('='));
        Self(fields.map(|(name, value)| (name.to_owned(), decoded(value))).collect())
    }

    /// A field, empty if it is not there.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }
}

/// `%2C` and the like.
fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits"));
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).expect("answers are text")
}
