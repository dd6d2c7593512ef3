//! The calls that are up, put up by one and read by all.

use std::time::Duration;

use calls::{CallState, ChannelState, LiveCall, LiveChannel};
use domain::NodeName;
use laboratory::redis::Server;
use live::{BOARD_LIFE, BOARDS_MAX, Board, Bus, Hint, LiveCalls, Subscription, Topic};

use super::{
    meeting::{Meeting, count, in_time, next},
    refused::{RIGHTS, user},
};

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn call(number: usize) -> LiveCall {
    let channel = LiveChannel {
        unique_id: "1795244047.1".into(),
        name: "PJSIP/a".into(),
        state: ChannelState::Up,
        bridge: None,
    };
    LiveCall {
        unique_id: format!("1795244047.{number}").into(),
        created_us: 1_795_244_047_000_000,
        root: None,
        decision: Some("7-a-1".into()),
        direction: None,
        caller: None,
        called: None,
        since_us: 1_795_244_047_000_001,
        state: CallState::Up,
        attempts: 1,
        channels: vec![channel],
        channels_left_out: 0,
    }
}

pub(super) fn live(name: &str, calls: usize) -> LiveCalls {
    let calls = (0..calls).map(call).collect();
    LiveCalls { node: node(name), collector: "here".into(), at_us: 1_795_244_048_000_000, calls, left_out: 0 }
}

async fn board(bus: &Bus) -> Vec<Board> {
    in_time("the boards", bus.board()).await.unwrap()
}

/// The nodes and how many calls each has.
fn shown(boards: &[Board]) -> Vec<(String, usize)> {
    boards.iter().map(|board| (board.live.node.to_string(), board.live.calls.len())).collect()
}

/// Reads until it is so.
pub(super) async fn shows(bus: &Bus, expected: &[(&str, usize)]) -> Vec<Board> {
    let expected: Vec<_> = expected.iter().map(|(node, calls)| ((*node).to_owned(), *calls)).collect();
    in_time(&format!("{expected:?}"), async {
        loop {
            match bus.board().await {
                Ok(boards) if shown(&boards) == expected => return boards,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
}

/// Waits for the hint about a node.
async fn told(subscription: &mut Subscription, of: &str) {
    while next(subscription).await != Hint::Message(of.to_owned().into()) {}
}

pub(super) async fn everybody_reads_what_one_posts(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    assert_eq!(shown(&board(&other).await), []);
    let mut hints = other.subscribe(Topic::Calls);
    let here = live("b", 3);
    one.post(here.clone());
    told(&mut hints, "b").await;
    other.post(live("a", 0));
    let boards = shows(&one, &[("a", 0), ("b", 3)]).await;
    assert_eq!(*boards[1].live, here);
    assert!(boards.iter().all(|board| board.age < BOARD_LIFE));
    // Within the process the two are one.
    assert!((1..=2).contains(&count(&one, "boards_posted_total")));
}

pub(super) async fn the_newest_word_counts(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    for calls in 0..500 {
        one.post(live("a", calls % 7));
    }
    one.post(live("a", 9));
    shows(&other, &[("a", 9)]).await;
    one.withdraw(&node("a"));
    shows(&other, &[]).await;
    one.post(live("a", 1));
    shows(&other, &[("a", 1)]).await;
}

pub(super) async fn only_changes_are_told(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut hints = other.subscribe(Topic::Calls);
    one.post(live("a", 1));
    told(&mut hints, "a").await;
    // Each is sent before the next is posted, so none is told for another.
    for posted in 2..5 {
        one.post(live("a", 1));
        in_time("sent", async {
            while count(&one, "boards_posted_total") < posted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
    one.post(live("b", 0));
    assert_eq!(next(&mut hints).await, Hint::Message("b".into()), "nothing was told of a");
}

pub(super) async fn boards_of_installations_are_apart(meeting: Meeting) {
    let elsewhere = meeting.elsewhere();
    let (here, there) = (meeting.bus().await, elsewhere.bus().await);
    here.post(live("a", 1));
    shows(&here, &[("a", 1)]).await;
    there.post(live("b", 2));
    shows(&there, &[("b", 2)]).await;
    shows(&here, &[("a", 1)]).await;
}

pub(super) async fn the_most_there_may_be(meeting: Meeting) {
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    one.post(live("a", 2_500));
    let boards = shows(&other, &[("a", LiveCalls::CALLS_MAX)]).await;
    assert_eq!(boards[0].live.calls.len() as u64 + boards[0].live.left_out, 2_500);
    for number in 0..BOARDS_MAX {
        one.post(live(&format!("n{number}"), 0));
    }
    in_time("all but one", async {
        while board(&other).await.len() < BOARDS_MAX {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(count(&one, "boards_refused_total{reason=\"too_many\"}"), 1);
}

fn at(server: &Server) -> Meeting {
    Meeting::over(format!("redis://127.0.0.1:{}", server.port))
}

fn prefix(meeting: &Meeting) -> &str {
    match meeting {
        Meeting::OverRedis { prefix, .. } => prefix,
        Meeting::InProcess(_) => unreachable!("only Redis has keys"),
    }
}

fn key(meeting: &Meeting, node: &str) -> String {
    format!("dialplane:{{{}}}:board:{node}", prefix(meeting))
}

fn list(meeting: &Meeting) -> String {
    format!("dialplane:{{{}}}:boards", prefix(meeting))
}

/// A collector that dies says nothing any more; its key goes by itself.
pub(super) async fn a_board_goes_with_its_collector(server: Server) {
    let meeting = at(&server);
    let (dies, lives, reads) = (meeting.bus().await, meeting.bus().await, meeting.bus().await);
    dies.post(live("dead", 2));
    lives.post(live("alive", 1));
    shows(&reads, &[("alive", 1), ("dead", 2)]).await;
    let expires: u64 = server.command(&["PTTL", &key(&meeting, "dead")]).parse().unwrap();
    assert!(expires > 0 && expires <= 15_000);
    // What the clock does later, done now.
    server.command(&["PEXPIRE", &key(&meeting, "dead"), "1"]);
    shows(&reads, &[("alive", 1)]).await;
    let expires: u64 = server.command(&["PTTL", &list(&meeting)]).parse().unwrap();
    assert!(expires > 0 && expires <= 15_000, "the list goes with the last of them");
    // Of the dead a list keeps nothing once there is no more room.
    for number in 2..BOARDS_MAX {
        server.command(&["APPEND", &list(&meeting), &format!("\nn{number}")]);
    }
    lives.post(live("new", 0));
    shows(&reads, &[("alive", 1), ("new", 0)]).await;
    assert!(!server.command(&["GET", &list(&meeting)]).contains("dead"));
    assert!(dies.shows_boards() && reads.is_shared() && !reads.shows_boards());
}

pub(super) async fn boards_come_back_after_redis(mut server: Server) {
    let meeting = at(&server);
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    one.post(live("a", 1));
    shows(&other, &[("a", 1)]).await;
    server.kill();
    for calls in 0..1_000 {
        one.post(live("a", calls % 5));
    }
    one.post(live("a", 3));
    assert!(in_time("an answer", other.board()).await.is_err(), "nobody can tell");
    in_time("noticed", async {
        while one.shows_boards() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    server.start_again();
    shows(&other, &[("a", 3)]).await;
    assert!(one.shows_boards());
    server.command(&["FLUSHALL"]);
    one.post(live("a", 3));
    shows(&other, &[("a", 3)]).await;
}

/// Everything somebody else could put where boards are.
pub(super) async fn foreign_boards_are_refused_and_counted(server: Server) {
    let meeting = at(&server);
    let bus = meeting.bus().await;
    bus.post(live("true", 1));
    shows(&bus, &[("true", 1)]).await;
    let refused = |reason: &str| count(&bus, &format!("boards_refused_total{{reason=\"{reason}\"}}"));
    let put = |node: &str, text: &str| server.command(&["SET", &key(&meeting, node), text, "PX", "9000"]);
    let head =
        |node: &str| format!("{{\"v\":1,\"node\":\"{node}\",\"collector\":\"x\",\"at_us\":1,\"calls\":[");
    put("broken", "\u{1b}[2J no board");
    put("tomorrow", "{\"v\":2}");
    put("liar", &(head("true") + "]}"));
    put("many", &(head("many") + &["{}"; 5].join(",") + "]}"));
    put("late", &(head("late") + "]}"));
    server.command(&["PEXPIRE", &key(&meeting, "late"), "3600000"]);
    put("lasting", &(head("lasting") + "]}"));
    server.command(&["PERSIST", &key(&meeting, "lasting")]);
    server.command(&["LPUSH", &key(&meeting, "list"), "x"]);
    server.command(&["SETRANGE", &key(&meeting, "huge"), "100000000", "x"]);
    server.command(&["PEXPIRE", &key(&meeting, "huge"), "9000"]);
    let names = "true\nbroken\ntomorrow\nliar\nmany\nlate\nlasting\nlist\nhuge\ngone\n../x\n\u{7}\n\n";
    server.command(&["SET", &list(&meeting), names]);
    assert_eq!(shown(&board(&bus).await), [("true".to_owned(), 1)]);
    let counted = ["unreadable", "version", "wrong_node", "lasting", "too_long"].map(refused);
    assert_eq!(counted, [3, 1, 1, 2, 1]);

    // The list itself: nothing of it is lost for good.
    for foreign in [&["LPUSH", "x"][..], &["SETRANGE", "100000000", "x"], &["SET", "\u{7f}"]] {
        server.command(&["DEL", &list(&meeting)]);
        server.command(&[&[foreign[0], &list(&meeting)], &foreign[1..]].concat());
        assert_eq!(shown(&board(&bus).await), []);
        bus.post(live("true", 1));
        shows(&bus, &[("true", 1)]).await;
    }
    let crowd: Vec<_> = (0..20_000).map(|number| format!("n{number}")).collect();
    server.command(&["SET", &list(&meeting), &crowd.join("\n")]);
    assert_eq!(shown(&board(&bus).await), []);
}

/// Rights from before there were boards: hints go on, and nobody is told twice that boards do not.
pub(super) async fn without_rights_on_keys_hints_go_on(server: Server) {
    let journal = super::journal::Journal::begin();
    let hints_only = ["resetchannels", "&dialplane:default:*", "-@all", "+subscribe", "+publish", "+ping"];
    user(&server, "secret", &hints_only);
    let url = format!("redis://dialplane:secret@127.0.0.1:{}", server.port);
    let meeting = Meeting::under(url, "default".into());
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut hints = other.subscribe(Topic::Edits);
    one.post(live("a", 1));
    in_time("the refusal", async {
        while journal.count(" WARN ") == 0 {
            one.post(live("a", 1));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    one.publish(Topic::Edits, "still heard");
    told(&mut hints, "still heard").await;
    let refused = in_time("an answer", other.board()).await.unwrap_err().to_string();
    assert!(refused.contains("no permissions") && !refused.contains("secret"), "{refused}");
    assert_eq!(count(&one, "reconnects_total"), 0);
    user(&server, "secret", &RIGHTS);
    shows(&other, &[("a", 1)]).await;
    assert_eq!(journal.count(" WARN "), 1, "{}", journal.text());
}
