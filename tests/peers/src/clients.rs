//! Clients of the peer, each in its own way: how many events they saw, and in what time.

use std::{
    net::SocketAddr,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use asterisk::ami::{Decoder, Event, Frame, Limits};
use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime, time,
};
use tokio_stream::StreamExt;

use crate::feed;

/// Without an event for so long nothing comes any more.
const SILENCE: Duration = Duration::from_secs(4);

/// Counts events between the first and the last.
#[derive(Default)]
struct Count {
    events: usize,
    span: Option<(Instant, Instant)>,
}

impl Count {
    fn one(&mut self) {
        self.events += 1;
        // Asking for the time costs as much as an event: the last ones are close enough.
        if self.events % 64 == 1 {
            let now = Instant::now();
            self.span = Some((self.span.map_or(now, |(first, _)| first), now));
        }
    }

    fn told(self) -> (usize, f64) {
        let seconds = self.span.map_or(0.0, |(first, last)| last.duration_since(first).as_secs_f64());
        (self.events, seconds)
    }
}

/// Prints how we compare with each.
pub fn beside(text: &str, (python, node): (Option<String>, Option<String>)) {
    let text = Arc::new(text.to_owned());
    let ours = measure("dialplane", &text, 1_500, |address| block_on(dialplane(address)));
    measure("asterisk-ami (crate)", &text, 60, |address| block_on(asterisk_ami(address)));
    measure("asterisk-rs-ami (crate)", &text, 60, |address| block_on(asterisk_rs_ami(address)));
    measure("asterisk-manager (crate)", &text, 60, |address| block_on(asterisk_manager(address)));
    let script = |name: &str| format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    for (name, interpreter, script) in [
        ("panoramisk (PyPI)", python, script("client.py")),
        ("asterisk-manager (npm)", node, script("client.cjs")),
    ] {
        let Some(interpreter) = interpreter else {
            println!("{name}: not measured");
            continue;
        };
        let theirs = measure(name, &text, 60, |address| external(&interpreter, &script, address));
        println!("  ours is {:.1} x", ours / theirs);
    }
}

/// Events a second.
fn measure(name: &str, text: &Arc<String>, times: usize, run: impl Fn(SocketAddr) -> (usize, f64)) -> f64 {
    let sent = feed::events(text) * times + 1;
    let (seen, seconds) = run(feed::serve(text.clone(), times));
    let rate = seen as f64 / seconds;
    println!("{name}: {rate:.0} events/s, {seen} of {sent} seen");
    rate
}

fn block_on(client: impl Future<Output = (usize, f64)>) -> (usize, f64) {
    runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(client)
}

async fn dialplane(address: SocketAddr) -> (usize, f64) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(b"Action: Login\r\nUsername: u\r\nSecret: s\r\n\r\n").await.expect("it reads");
    let (mut decoder, mut buffer) = (Decoder::new(Limits::default()), BytesMut::with_capacity(1 << 16));
    let mut count = Count::default();
    loop {
        buffer.reserve(1 << 16);
        match time::timeout(SILENCE, stream.read_buf(&mut buffer)).await {
            Ok(Ok(1..)) => {}
            _ => return count.told(),
        }
        while let Some(frame) = decoder.decode(&mut buffer).expect("it greets") {
            let Frame::Event(block) = &frame else { continue };
            count.one();
            if let Event::UserEvent(event) = Event::read(block)
                && event.name.is_some_and(|name| name.is("LastOne"))
            {
                return count.told();
            }
        }
    }
}

async fn asterisk_ami(address: SocketAddr) -> (usize, f64) {
    let connection = asterisk_ami::AmiConnection::connect(address).await.expect("it listens");
    let mut events = connection.events();
    connection.send(vec![asterisk_ami::Tag::from("Action", "Login")]).await.expect("it answers");
    let mut count = Count::default();
    loop {
        match time::timeout(SILENCE, events.recv()).await {
            Ok(Ok(Some(packet))) => {
                count.one();
                if asterisk_ami::find_tag(&packet, "UserEvent").is_some_and(|name| name == "LastOne") {
                    return count.told();
                }
            }
            Ok(Err(tokio::sync::broadcast::error::RecvError::Lagged(_))) => {}
            _ => return count.told(),
        }
    }
}

async fn asterisk_rs_ami(address: SocketAddr) -> (usize, f64) {
    let client = asterisk_rs_ami::AmiClient::builder()
        .host("127.0.0.1")
        .port(address.port())
        .credentials("u", "s")
        .event_capacity(65_536)
        .build()
        .await
        .expect("it accepts everybody");
    let mut events = client.subscribe();
    let mut count = Count::default();
    while let Ok(Some(_)) = time::timeout(SILENCE, events.recv()).await {
        count.one();
    }
    count.told()
}

async fn asterisk_manager(address: SocketAddr) -> (usize, f64) {
    let manager = asterisk_manager::Manager::new(asterisk_manager::ManagerOptions {
        port: address.port(),
        host: "127.0.0.1".to_owned(),
        username: "u".to_owned(),
        password: "s".to_owned(),
        events: true,
    });
    let mut events = manager.all_events_stream().await;
    let mut count = Count::default();
    if manager.connect_and_login().await.is_err() {
        return count.told();
    }
    while let Ok(Some(event)) = time::timeout(SILENCE, events.next()).await {
        if event.is_ok() {
            count.one();
        }
    }
    count.told()
}

/// A client in another language prints its two figures.
fn external(interpreter: &str, script: &str, address: SocketAddr) -> (usize, f64) {
    let output =
        Command::new(interpreter).arg(script).arg(address.port().to_string()).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let figures = text.lines().last().and_then(|line| line.split_once(' '));
    let (events, seconds) =
        figures.unwrap_or_else(|| panic!("{script}: {}", String::from_utf8_lossy(&output.stderr)));
    (events.parse().expect("a number"), seconds.parse().expect("a number"))
}
