//! Questions as Asterisk's libcurl writes them, one at a time on each of two threads.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
};

use crate::common::{QUESTION, TOKEN};

const THREADS: usize = 2;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    NewConnection,
    KeepAlive,
}

pub(crate) fn reply_bytes(address: &str) -> usize {
    ask(&mut connected(address), address)
}

pub(crate) fn run(address: &str, mode: Mode, questions: usize) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| ask_many(address, mode, questions / THREADS));
        }
    });
}

fn ask_many(address: &str, mode: Mode, questions: usize) {
    let mut stream = connected(address);
    for _ in 0..questions {
        if matches!(mode, Mode::NewConnection) {
            stream = connected(address);
        }
        ask(&mut stream, address);
    }
}

fn connected(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}

/// Asks once and reads the whole answer; its body's length comes back.
fn ask(stream: &mut BufReader<TcpStream>, address: &str) -> usize {
    let form = format!("{QUESTION}&token={TOKEN}");
    let head = format!(
        "POST /v1/outbound HTTP/1.1\r\nHost: {address}\r\nUser-Agent: asterisk-libcurl-agent/1.0\r\nAccept: */*\r\n\
         Content-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n",
        form.len()
    );
    stream.get_mut().write_all((head + &form).as_bytes()).unwrap();
    let length = content_length(stream);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    assert!(body.starts_with(b"status=ok") || body.starts_with(b"xxxxxxxx"));
    length
}

fn content_length(stream: &mut BufReader<TcpStream>) -> usize {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the server closed");
        if line == "\r\n" {
            return length;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
}
