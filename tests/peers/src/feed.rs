//! The peer: greets, accepts whoever logs in, and then sends what it has as fast as it is taken.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

pub const GREETING: &str = "Asterisk Call Manager/11.0.0\r\n";
/// The event behind which nothing comes.
pub const LAST: &str = "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: LastOne\r\n\r\n";
/// For a client to get ready once it is logged in.
const PAUSE: Duration = Duration::from_millis(700);

/// The events of a recorded stream, without greeting and responses.
pub fn recording() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/ami/ast22/twenty-calls.ami");
    let text = fs::read_to_string(path).expect("the recorded stream is there");
    let (_, text) = text.split_once("\r\n").expect("a greeting");
    text.split_inclusive("\r\n\r\n").filter(|block| block.starts_with("Event: ")).collect()
}

pub fn events(text: &str) -> usize {
    text.matches("\r\n\r\n").count()
}

pub fn repeated(text: &str, times: usize) -> Vec<u8> {
    [GREETING, &text.repeat(times)].concat().into_bytes()
}

/// Serves one client, which finds the events and then [`LAST`].
pub fn serve(text: Arc<String>, times: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        // A client that has seen enough may leave at any time.
        let _ = speak(&stream, &text, times);
    });
    address
}

fn speak(stream: &TcpStream, text: &str, times: usize) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    writer.write_all(GREETING.as_bytes())?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut is_in = false;
    while !is_in {
        let (mut action, mut id) = (String::new(), String::new());
        for line in lines.by_ref() {
            let line = line?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "action" => action = value.trim().to_owned(),
                "actionid" => id = format!("ActionID: {}\r\n", value.trim()),
                _ => {}
            }
        }
        let answer = if action.eq_ignore_ascii_case("challenge") { "Challenge: 123456789\r\n" } else { "" };
        is_in = action.eq_ignore_ascii_case("login");
        write!(writer, "Response: Success\r\n{id}{answer}Message: Authentication accepted\r\n\r\n")?;
    }
    thread::sleep(PAUSE);
    for _ in 0..times {
        writer.write_all(text.as_bytes())?;
    }
    writer.write_all(LAST.as_bytes())?;
    // Until the client has left: what it did not read yet must not be lost.
    lines.for_each(drop);
    Ok(())
}
