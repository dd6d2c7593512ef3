//! Several servers that stand in for one another; each takes its time to find out that one is gone.

use laboratory::redis::{Server, cluster, watched};
use live::{Hint, Topic};

use super::{
    boards::{live, shows},
    meeting::{Meeting, connected, disconnected, flows, next, text},
    refused::{PAGE, RIGHTS, user},
};

/// The URL the page for operators shows, at the ports of these servers.
fn from_page(form: &str, port: u16, servers: &[Server]) -> String {
    let shown = PAGE.split('`').find(|piece| piece.starts_with(form)).expect("the page shows the form");
    servers.iter().zip(port..).fold(shown.to_owned(), |url, (server, port)| {
        let (here, there) = (format!("127.0.0.1:{}", server.port), format!("127.0.0.1:{port}"));
        assert!(url.contains(&there), "{url} has no {there}");
        url.replace(&there, &here)
    })
}

pub(super) async fn hints_follow_the_master((): ()) {
    let mut servers = watched("dialplane-master");
    for server in [&servers.master, &servers.replica] {
        user(server, "secret", &[&RIGHTS[..], &["+role"]].concat());
    }
    let url = from_page("redis+sentinel://127", 26379, &servers.sentinels);
    let url = url.replacen("://", "://dialplane:secret@", 1);
    let meeting = Meeting::under(url, "default".into());
    let (one, other) = (meeting.bus().await, meeting.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    one.publish(Topic::Generations, "over the first");
    assert_eq!(text(&mut subscription).await, "over the first");
    one.post(live("a", 1));
    shows(&other, &[("a", 1)]).await;
    servers.master.kill();
    servers.sentinels[0].kill();
    disconnected(&one).await;
    one.publish(Topic::Generations, "in between");
    assert_eq!(next(&mut subscription).await, Hint::Missed);
    flows(&one, &mut subscription).await;
    // A collector says it again every second, and so it is with the new master too.
    one.post(live("a", 2));
    shows(&other, &[("a", 2)]).await;
    let role = servers.replica.command(&["ROLE"]);
    assert!(role.starts_with("master"), "the replica is {role}");
    let listening = servers.replica.command(&["PUBSUB", "CHANNELS", "dialplane:*"]);
    assert_eq!(listening.lines().count(), Topic::ALL.len(), "{listening}");
}

pub(super) async fn a_node_of_a_cluster_may_die((): ()) {
    let mut servers = cluster();
    let url = from_page("redis+cluster://127", 6379, &servers);
    let meeting = Meeting::over(url);
    let Meeting::OverRedis { prefix, .. } = &meeting else { unreachable!("it is over Redis") };
    // The same nodes the other way round: the two talk to different ones.
    servers.reverse();
    let url = from_page("redis+cluster://127", 6379, &servers);
    let backwards = Meeting::under(url, prefix.clone());
    let (one, other) = (meeting.bus().await, backwards.bus().await);
    let mut subscription = other.subscribe(Topic::Generations);
    one.publish(Topic::Generations, "from node to node");
    assert_eq!(text(&mut subscription).await, "from node to node");
    // Neither needs to know which node has the keys.
    one.post(live("a", 1));
    other.post(live("b", 2));
    for bus in [&one, &other] {
        shows(bus, &[("a", 1), ("b", 2)]).await;
    }
    servers[0].kill();
    disconnected(&other).await;
    connected(&other).await;
    assert_eq!(next(&mut subscription).await, Hint::Missed);
    flows(&one, &mut subscription).await;
}
