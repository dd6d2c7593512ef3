use std::time::Duration;

use laboratory::redis::Server;
use live::{Hint, PAYLOAD_BYTES_MAX, Topic};

use super::meeting::{Meeting, SLOW_SUBSCRIBER, TOO_LONG, count, flows, in_time, next, text};

pub(super) async fn any_bytes_arrive_as_they_are(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Edits);
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for payload in [all, Vec::new(), b"\r\n$5\r\n*3\r\n".to_vec(), vec![0xff; PAYLOAD_BYTES_MAX]] {
        one.publish(Topic::Edits, payload.clone());
        assert_eq!(next(&mut subscription).await, Hint::Message(payload.into()));
    }
}

pub(super) async fn too_much_is_dropped_and_counted(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Edits);
    one.publish(Topic::Edits, vec![b'x'; PAYLOAD_BYTES_MAX + 1]);
    one.publish(Topic::Edits, "next");
    assert_eq!(text(&mut subscription).await, "next");
    assert_eq!(count(&one, TOO_LONG), 1);
}

fn at(server: &Server) -> Meeting {
    Meeting::over(format!("redis://127.0.0.1:{}", server.port))
}

fn channel(meeting: &Meeting, topic: &str) -> String {
    match meeting {
        Meeting::OverRedis { prefix, .. } => format!("dialplane:{prefix}:{topic}"),
        Meeting::InProcess(_) => unreachable!("only Redis has channels"),
    }
}

pub(super) async fn a_foreign_hint_may_be_too_long(server: Server) {
    let meeting = at(&server);
    let bus = meeting.bus().await;
    let mut subscription = bus.subscribe(Topic::Edits);
    for length in [PAYLOAD_BYTES_MAX + 1, 50_000] {
        server.command(&["PUBLISH", &channel(&meeting, "edits"), &"x".repeat(length)]);
    }
    server.command(&["PUBLISH", &channel(&meeting, "edits"), "next"]);
    assert_eq!(text(&mut subscription).await, "next");
    assert_eq!(count(&bus, TOO_LONG), 2);
    assert_eq!(count(&bus, "received_total"), 1);
}

pub(super) async fn a_foreign_flood_is_survived(server: Server) {
    const FLOOD: &str = "for i = 1, 100000 do redis.call('PUBLISH', KEYS[1], i) end";
    let meeting = at(&server);
    let bus = meeting.bus().await;
    let mut subscription = bus.subscribe(Topic::Generations);
    let channel = channel(&meeting, "generations");
    let flood = tokio::task::spawn_blocking(move || {
        server.command(&["EVAL", FLOOD, "1", &channel]);
        server
    });
    // The bus reads while the subscriber does not: it has to fall behind.
    let behind = async {
        while count(&bus, "received_total") < 1000 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    in_time("more than a subscriber can keep", behind).await;
    let _server = in_time("the end of the flood", flood).await.unwrap();
    assert_eq!(next(&mut subscription).await, Hint::Missed);
    assert!(count(&bus, SLOW_SUBSCRIBER) >= 1000 - 256);
    // A server too busy to answer in time counts as gone, so there may be a new connection; either way there is news.
    flows(&bus, &mut subscription).await;
}
