//! A router that says what a story wants it to say, for answers the real one cannot be brought to give.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// The port the phones 1093 and 1094 ask.
pub const PORT: u16 = 8063;

/// Answers every question with the line the script has for its node and called number; a line that begins with `HTTP/`
/// is a whole answer of its own.
pub fn start(script: fn(node: &str, to: &str) -> String) {
    let listener = TcpListener::bind(("127.0.0.1", PORT)).unwrap();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || converse(&connection, script));
        }
    });
}

/// Asterisk keeps its connection for further questions; it ends when the other side closes it.
fn converse(connection: &TcpStream, script: fn(&str, &str) -> String) {
    let mut reader = BufReader::new(connection);
    while let Some(form) = question(&mut reader) {
        let field = |name: &str| {
            let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
        };
        let line = script(field("node"), field("to"));
        let answer = if line.starts_with("HTTP/") {
            line
        } else {
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{line}", line.len())
        };
        if (&*connection).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The body of the next request.
fn question(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
