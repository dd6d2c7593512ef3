//! Redis goes away in every way it can, and comes back.

use std::{
    io::ErrorKind,
    net::TcpListener,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use laboratory::redis::{Server, fresh_port};
use live::{Bus, Hint, State, Topic};
use tokio::time::timeout;

use super::meeting::{
    Meeting, QUEUE_FULL, connected, count, disconnected, flows, in_time, next, text, until,
};

/// How late it is noticed at the latest that a server hangs.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);

fn at(port: u16) -> Meeting {
    Meeting::over(format!("redis://127.0.0.1:{port}"))
}

/// Far more than any queue holds, without giving the bus a moment to work: it returns, so nobody waited.
fn publish_much(bus: &Bus) {
    for _ in 0..10_000 {
        bus.publish(Topic::Generations, "while it was away");
    }
    bus.publish(Topic::Generations, "the last");
}

pub(super) async fn killed_and_started_again(mut server: Server) {
    let meeting = at(server.port);
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    one.publish(Topic::Generations, "before");
    assert_eq!(text(&mut subscription).await, "before");
    server.kill();
    disconnected(&one).await;
    disconnected(&other).await;
    publish_much(&one);
    assert_eq!(count(&one, "connected"), 0);
    assert!(count(&one, QUEUE_FULL) >= 9_000);
    server.start_again();
    assert_eq!(next(&mut subscription).await, Hint::Missed);
    flows(&one, &mut subscription).await;
    assert_eq!((count(&one, "connected"), count(&one, "reconnects_total")), (1, 1));
}

pub(super) async fn not_there_yet(_: Server) {
    let port = fresh_port();
    let bus = at(port).handle();
    let early = at(port);
    let waiting = early.handle();
    let mut subscription = waiting.subscribe(Topic::Generations);
    assert!(matches!(bus.state(), State::Disconnected { .. }));
    waiting.publish(Topic::Generations, "early");
    let server = Server::start_at(port, &["--save", ""]);
    assert_eq!(next(&mut subscription).await, Hint::Missed);
    // What was said before there was a Redis is said as soon as there is one.
    assert_eq!(text(&mut subscription).await, "early");
    drop(server);
}

pub(super) async fn hung_and_going_on(server: Server) {
    let meeting = at(server.port);
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    server.hang();
    let noticed = async { tokio::join!(disconnected(&one), disconnected(&other)) };
    timeout(NOTICED_WITHIN, noticed).await.expect("noticed in time, with nobody publishing");
    publish_much(&one);
    server.go_on();
    assert_eq!(next(&mut subscription).await, Hint::Missed);
    flows(&one, &mut subscription).await;
}

pub(super) async fn emptied(server: Server) {
    let meeting = at(server.port);
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    server.command(&["FLUSHALL"]);
    server.command(&["SCRIPT", "FLUSH"]);
    one.publish(Topic::Generations, "after");
    assert_eq!(text(&mut subscription).await, "after");
    assert_eq!(count(&other, "reconnects_total"), 0);
}

/// A real server that throws everybody out again and again.
pub(super) async fn closing_again_and_again(server: Server) {
    let meeting = at(server.port);
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    for round in 0..5 {
        server.command(&["CLIENT", "KILL", "TYPE", if round % 2 == 0 { "pubsub" } else { "normal" }]);
        publish_much(&one);
        flows(&one, &mut subscription).await;
    }
    connected(&one).await;
    connected(&other).await;
    assert!(count(&other, "reconnects_total") >= 3);
}

/// Something that accepts and closes: each round costs it at least half of the doubled pause.
pub(super) async fn accepting_and_closing(_: Server) {
    const ROUNDS: usize = 6;
    let port = fresh_port();
    let (closed, took) = mpsc::channel();
    let door = TcpListener::bind(("127.0.0.1", port)).unwrap();
    thread::spawn(move || closed.send(close_everybody(&door, ROUNDS)));
    let meeting = at(port);
    let bus = meeting.handle();
    let mut subscription = bus.subscribe(Topic::Generations);
    let took = in_time("enough attempts", async {
        loop {
            match took.try_recv() {
                Ok(took) => break took,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    })
    .await;
    // Halves of 100, 200, 400, 800 and 1600 ms.
    assert!(took >= Duration::from_millis(1550), "{ROUNDS} attempts within {took:?}");
    let server = Server::start_at(port, &["--save", ""]);
    bus.publish(Topic::Generations, "at last");
    until(&mut subscription, "at last").await;
    drop(server);
}

fn close_everybody(door: &TcpListener, rounds: usize) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "the pauses of another program are real time")]
    let begin = Instant::now();
    for _ in 0..rounds {
        match door.accept() {
            Ok(accepted) => drop(accepted),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionAborted),
        }
    }
    begin.elapsed()
}
