//! What `dialplane calls live` shows of calls that collectors tell of, in another process.

use std::{path::PathBuf, time::Duration};

use boards::Boards;
use calls::{CallState, ChannelState, Direction, LiveCall, LiveChannel, Party};
use laboratory::{
    Run, Running, fleet,
    fleet::{Fleet, Said},
    redis, wait_until,
};
use libtest_mimic::Trial;
use live::{Bus, LiveCalls};
use runtime::{BusConfig, Tasks};
use serde_json::Value;
use store::{Options, Store};
use tokio::{runtime::Runtime, sync::watch};

const HERE: &str = "asterisk-macomnet";
const CALLER: &str = "12025550100";

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, fn()); 4] = [
        ("through_the_database", through_the_database),
        ("over_redis", over_redis),
        ("redis_comes_and_goes", redis_comes_and_goes),
        ("watched", watched),
    ];
    let trial = |(name, story): (&str, fn())| {
        Trial::test(format!("live_calls::{name}"), move || {
            story();
            Ok(())
        })
    };
    stories.into_iter().map(trial).collect()
}

/// Says again and again what it was told, as a collector does.
struct Collector {
    says: watch::Sender<Vec<LiveCalls>>,
    boards: Boards,
    _tasks: Tasks,
    _runtime: Runtime,
}

impl Collector {
    fn start(fleet: &Fleet, redis: Option<u16>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let guard = runtime.enter();
        let mut tasks = Tasks::default();
        let url = redis.map(|port| format!("redis://127.0.0.1:{port}")).unwrap_or_default();
        let config = BusConfig { url: domain::Secret::new(url), ..BusConfig::default() };
        let bus = Bus::connect(&config, &mut tasks).unwrap();
        let store = runtime.block_on(Store::connect(&fleet.url, Options::default())).unwrap();
        let boards = Boards::new(bus, store);
        tasks.spawn("boards", boards.clone().run(tasks.stop()));
        let (says, said) = watch::channel(Vec::<LiveCalls>::new());
        let posting = boards.clone();
        tasks.spawn("posting", async move {
            loop {
                let now = said.borrow().clone();
                for live in now {
                    posting.post(live);
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        drop(guard);
        Self { says, boards, _tasks: tasks, _runtime: runtime }
    }

    fn says(&self, calls: Vec<LiveCall>) {
        let node = HERE.parse().unwrap();
        let live =
            LiveCalls { node, collector: "msk-1".into(), at_us: 1_795_244_060_000_000, calls, left_out: 7 };
        self.says.send_replace(vec![live]);
    }

    fn falls_silent(&self) {
        self.says.send_replace(Vec::new());
    }
}

fn call() -> LiveCall {
    let channel = |name: &str, state| LiveChannel {
        unique_id: format!("1795244047.{name}").into(),
        name: format!("PJSIP/{name}").into(),
        state,
        bridge: Some("b1".into()),
    };
    let party = |raw: &str| Some(Party { raw: raw.into(), e164: raw.parse().ok() });
    LiveCall {
        unique_id: "1795244047.1".into(),
        created_us: 1_795_244_047_000_000,
        root: Some("7-a-1".into()),
        decision: Some("7-a-1".into()),
        direction: Some(Direction::Outbound),
        caller: party(CALLER),
        called: party("\u{1b}[2J"),
        since_us: 1_795_244_050_000_000,
        state: CallState::Up,
        attempts: 2,
        channels: vec![channel("a-1", ChannelState::Up), channel("b-2", ChannelState::Up)],
        channels_left_out: 0,
    }
}

fn json(fleet: &Fleet) -> Value {
    serde_json::from_str(&fleet.must(&["calls", "live", "--json"])).unwrap()
}

/// Looks until the node's calls are so many.
fn shows(fleet: &Fleet, calls: usize) -> Value {
    wait_until(&format!("{calls} calls"), fleet::LIMIT, || {
        Some(json(fleet)).filter(|shown| shown["calls"].as_array().unwrap().len() == calls)
    })
}

fn node<'v>(shown: &'v Value, name: &str) -> &'v Value {
    let nodes = shown["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["node"] == name).unwrap_or_else(|| panic!("no {name} in {shown}"))
}

fn with_article(url: &str) -> Fleet {
    let fleet = Fleet::on(url);
    fleet.must(&["example", "load"]);
    fleet
}

fn through_the_database() {
    let fleet = with_article(&laboratory::sqlite());
    let untold = fleet.run(&["calls", "live", "--node", HERE]);
    assert_eq!(untold.code, 1, "{untold:?}");
    assert!(untold.out.contains(&format!("{HERE}: nobody tells of its calls")), "{untold:?}");
    let collector = Collector::start(&fleet, None);
    collector.says(vec![call()]);
    let shown = shows(&fleet, 1);
    let told = node(&shown, HERE);
    assert_eq!(
        (&told["told"], &told["source"], &told["left_out"]),
        (&"now".into(), &"database".into(), &7.into())
    );
    assert_eq!(node(&shown, "asterisk-msm")["told"], "never");
    let call = &shown["calls"][0];
    assert_eq!(call["since"], "2026-11-21T06:54:10Z");
    assert_eq!(
        (&call["caller"], &call["attempts"], &call["state"]),
        (&CALLER.into(), &2.into(), &"up".into())
    );
    assert!((10..60).contains(&call["duration_s"].as_u64().unwrap()), "{call}");
    assert_eq!(call["channels"][0]["with"], serde_json::json!(["PJSIP/b-2"]));
    people_see_it(&fleet);

    collector.falls_silent();
    wait_until("old", fleet::LIMIT, || {
        let seven_seconds = "UPDATE live_boards SET posted_us = posted_us - 7000000";
        fleet.by_hand(seven_seconds);
        let said = fleet.must(&["calls", "live"]);
        said.contains(&format!("{HERE}: this was told ")).then_some(())
    });
    collector.says(Vec::new());
    shows(&fleet, 0);
    collector.falls_silent();
    collector.boards.withdraw(&HERE.parse().unwrap());
    wait_until("taken down", fleet::LIMIT, || (node(&json(&fleet), HERE)["told"] == "never").then_some(()));
}

fn people_see_it(fleet: &Fleet) {
    let Said { out, err, .. } = fleet.run(&["calls", "live", "--node", HERE]);
    let row = out.lines().find(|line| line.contains(CALLER)).unwrap_or_else(|| panic!("{out}{err}"));
    for cell in [HERE, "0:00:1", " up ", "outbound", "\\u{1b}[2J", " 2 ", "PJSIP/a-1 up with PJSIP/b-2"] {
        assert!(row.contains(cell), "no {cell} in {row}");
    }
    assert!(out.contains(&format!("{HERE}: 7 more calls are up")), "{out}");
    assert!(!out.contains('\u{1b}') && !out.contains("asterisk-msm"), "{out}");
    assert_eq!(err, "");
    let elsewhere = fleet.run(&["calls", "live", "--node", "asterisk-msm"]);
    assert_eq!((elsewhere.code, elsewhere.out.contains(CALLER)), (1, false));
}

/// A database that is not there costs the names of missing nodes, and nothing else.
fn over_redis() {
    let mut server = redis::single();
    let url = format!("redis://127.0.0.1:{}", server.port);
    let nowhere = Fleet::on("sqlite:/nowhere/at/all.db").with("BUS__URL", &url);
    let collector = Collector::start(&nowhere, Some(server.port));
    collector.says(vec![call()]);
    let shown = shows(&nowhere, 1);
    assert_eq!(node(&shown, HERE)["source"], "bus");
    let said = nowhere.run(&["calls", "live"]);
    assert!(said.code == 0 && said.out.contains(CALLER), "{said:?}");
    assert!(said.err.contains("no boards from the database") && !said.err.contains(CALLER), "{said:?}");
    server.kill();
    let said = nowhere.run(&["calls", "live"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("neither bus nor database tells of calls"), "{said:?}");
}

fn redis_comes_and_goes() {
    let mut server = redis::single();
    let fleet = with_article(&laboratory::sqlite());
    let fleet = fleet.with("BUS__URL", &format!("redis://127.0.0.1:{}", server.port));
    let collector = Collector::start(&fleet, Some(server.port));
    collector.says(vec![call()]);
    let from = |source: &str| {
        wait_until(source, fleet::LIMIT, || {
            let shown = json(&fleet);
            (node(&shown, HERE)["source"] == source).then_some(())
        });
    };
    from("bus");
    server.kill();
    from("database");
    server.start_again();
    from("bus");
}

fn watched() {
    let fleet = with_article(&laboratory::sqlite());
    let collector = Collector::start(&fleet, None);
    let log: PathBuf = Run::current().folder.join("watched.log");
    let mut watching = Running::start("dialplane", &mut fleet.command(&["calls", "live", "--watch"]), &log);
    let drawn = |what: &str| {
        wait_until(what, fleet::LIMIT, || {
            std::fs::read_to_string(&log).unwrap().contains(what).then_some(())
        });
    };
    drawn("nobody tells of its calls");
    collector.says(vec![call()]);
    drawn(CALLER);
    assert!(watching.has_ended().is_none());
    watching.signal("INT");
    assert!(watching.wait(fleet::LIMIT).success());
}
