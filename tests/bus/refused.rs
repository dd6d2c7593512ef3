//! Servers that do not let us in, or let us do little.

use std::time::Duration;

use laboratory::redis::{Server, tls};
use live::{State, Topic};

use super::{
    boards::{live, shows},
    journal::Journal,
    meeting::{Meeting, connected, in_time, text},
};

/// The page for operators; what it tells them to write is what is tried here.
pub(super) const PAGE: &str = include_str!("../../docs/bus.md");
/// The rights it tells them to give.
pub(super) const RIGHTS: [&str; 14] = [
    "resetchannels",
    "&dialplane:default:*",
    "~dialplane:{default}:*",
    "-@all",
    "+subscribe",
    "+publish",
    "+ping",
    "+set",
    "+append",
    "+getrange",
    "+exists",
    "+pttl",
    "+pexpire",
    "+del",
];

pub(super) fn user(server: &Server, password: &str, rights: &[&str]) {
    let password = format!(">{password}");
    let words = [&["ACL", "SETUSER", "dialplane", "reset", "on", &password][..], rights].concat();
    assert_eq!(server.command(&words), "OK");
}

fn as_user(server: &Server, password: &str) -> Meeting {
    Meeting::under(format!("redis://dialplane:{password}@127.0.0.1:{}", server.port), "default".into())
}

fn connections(server: &Server) -> u64 {
    let info = server.command(&["INFO", "stats"]);
    let value = info.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
    value.unwrap().trim().parse().unwrap()
}

/// Waits for so many attempts, each of which would have been a line in a careless log.
async fn attempts(server: &Server, count: u64) {
    let (before, mut asked) = (connections(server), 0);
    in_time("more attempts", async {
        // Each question is a connection of its own.
        while connections(server) - before - asked < count {
            asked += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
}

pub(super) async fn a_wrong_password_is_told_once(server: Server) {
    let journal = Journal::begin();
    user(&server, "right", &RIGHTS);
    let meeting = as_user(&server, "geheim");
    let bus = meeting.handle();
    attempts(&server, 5).await;
    assert!(matches!(bus.state(), State::Disconnected { .. }));
    assert_eq!(journal.count(" WARN "), 1, "{}", journal.text());
    assert!(
        journal.text().contains("Password authentication failed") || journal.text().contains("WRONGPASS")
    );
    user(&server, "geheim", &RIGHTS);
    connected(&bus).await;
    assert_eq!(journal.count(" INFO "), 1, "{}", journal.text());
    assert!(!journal.text().contains("geheim"), "{}", journal.text());
    assert!(!format!("{bus:?}").contains("geheim"));
}

pub(super) async fn the_least_rights_suffice(server: Server) {
    let rule = format!("ACL SETUSER dialplane on >SECRET {}", RIGHTS.join(" "));
    assert!(PAGE.contains(&rule), "the page says something else than {rule}");
    user(&server, "secret", &RIGHTS);
    let meeting = as_user(&server, "secret");
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    one.publish(Topic::Generations, "7");
    assert_eq!(text(&mut subscription).await, "7");
    one.post(live("a", 2));
    shows(&other, &[("a", 2)]).await;
    one.post(live("a", 3));
    one.post(live("b", 0));
    shows(&other, &[("a", 3), ("b", 0)]).await;
    one.withdraw(&"a".parse().unwrap());
    shows(&other, &[("b", 0)]).await;
    assert_eq!(server.command(&["ACL", "LOG"]), "", "nothing was refused");
}

pub(super) async fn rights_on_other_channels_do_not(server: Server) {
    let journal = Journal::begin();
    user(
        &server,
        "secret",
        &["resetchannels", "&somebody:else:*", "-@all", "+subscribe", "+publish", "+ping"],
    );
    let meeting = as_user(&server, "secret");
    let bus = meeting.handle();
    bus.publish(Topic::Generations, "nobody may hear this");
    attempts(&server, 5).await;
    assert!(matches!(bus.state(), State::Disconnected { .. }));
    assert!(journal.text().contains("no permissions"), "{}", journal.text());
    assert_eq!(journal.count(" WARN "), 1, "{}", journal.text());
    user(&server, "secret", &RIGHTS);
    connected(&bus).await;
}

pub(super) async fn nobody_vouches_for_a_strangers_certificate(_: Server) {
    let journal = Journal::begin();
    let (_server, port) = tls();
    let meeting = Meeting::over(format!("rediss://dialplane:geheim@127.0.0.1:{port}"));
    let bus = meeting.handle();
    in_time("the refusal", async {
        while journal.count(" WARN ") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(journal.text().contains("certificate"), "{}", journal.text());
    assert!(matches!(bus.state(), State::Disconnected { .. }));
}
