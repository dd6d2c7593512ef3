use laboratory::redis::Server;
use live::{Hint, PAYLOAD_BYTES_MAX, Topic};

use super::meeting::{Meeting, SLOW_SUBSCRIBER, TOO_LONG, count, in_time, next, text, until};

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

fn channel(meeting: &Meeting) -> String {
    match meeting {
        Meeting::OverRedis { prefix, .. } => format!("dialplane:{prefix}:edits"),
        Meeting::InProcess(_) => unreachable!("only Redis has channels"),
    }
}

pub(super) async fn a_foreign_hint_may_be_too_long(server: Server) {
    let meeting = at(&server);
    let bus = meeting.bus().await;
    let mut subscription = bus.subscribe(Topic::Edits);
    for length in [PAYLOAD_BYTES_MAX + 1, 50_000] {
        server.command(&["PUBLISH", &channel(&meeting), &"x".repeat(length)]);
    }
    server.command(&["PUBLISH", &channel(&meeting), "next"]);
    assert_eq!(text(&mut subscription).await, "next");
    assert_eq!(count(&bus, TOO_LONG), 2);
    assert_eq!(count(&bus, "received_total"), 1);
}

pub(super) async fn a_foreign_flood_is_survived(server: Server) {
    const FLOOD: &str = "for i = 1, 100000 do redis.call('PUBLISH', KEYS[1], i) end";
    let meeting = at(&server);
    let bus = meeting.bus().await;
    let mut subscription = bus.subscribe(Topic::Edits);
    server.command(&["EVAL", FLOOD, "1", &channel(&meeting)]);
    // Nobody reads the subscription while the flood comes in: only the bus does.
    let arrived = async {
        while count(&bus, "received_total") < 100_000 {
            tokio::task::yield_now().await;
        }
    };
    in_time("the whole flood", arrived).await;
    let heard = until(&mut subscription, "100000").await;
    assert_eq!((heard.len(), &heard[0]), (256, &Hint::Missed));
    assert_eq!(count(&bus, SLOW_SUBSCRIBER), 100_000 - 256);
    assert_eq!(count(&bus, "reconnects_total"), 0);
}
