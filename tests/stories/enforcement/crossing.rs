//! From an edit to a call: the packet filter of a node with a real Asterisk, and what the router makes of who calls.

use std::{
    env,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use laboratory::{
    Run, Running,
    carriers::Answer,
    fleet::Fleet,
    networks::{Network, tools},
    node,
    phones::{self, Call, Outcome},
    pool, stack, wait_until,
};
use libtest_mimic::Trial;

use super::super::inbound::asked;

/// In the node's section for the carrier, and in no row.
const ADDED: &str = "203.0.113.141";
const PASSING: &str = "203.0.113.142";
const NODE: &str = "ast22";
const LIMIT: Duration = Duration::from_mins(1);

/// The laboratory's network has one table of ours.
static ALONE: Mutex<()> = Mutex::new(());

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, fn()); 2] = [
        ("an_address_that_is_added_gets_through_and_is_recognised", added),
        ("an_address_whose_time_has_passed_does_neither", passed),
    ];
    let told = stories.into_iter().map(|(name, story)| {
        Trial::test(format!("enforcement::{name}"), move || {
            story();
            Ok(())
        })
    });
    told.collect()
}

/// A carrier out in the world, a node with its packet filter, and the tables.
struct Crossing {
    world: Network,
    laboratory: Network,
    fleet: Fleet,
    address: &'static str,
    watch: Running,
    _alone: MutexGuard<'static, ()>,
}

impl Crossing {
    fn new(address: &'static str) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let fleet = Fleet::on(&stack().router.url());
        let (laboratory, world) = (Network::of_laboratory(), Network::new());
        let [here, there] = laboratory.cable(&world);
        world.ip(&format!("address add {address}/32 dev {there}"));
        world.ip(&format!("route add 192.0.2.0/24 dev {there}"));
        // The address is one of the laboratory's own but for this.
        laboratory.ip(&format!("route add {address}/32 dev {here} table local"));
        let folder = Run::current().folder.join(format!("crossing-{address}"));
        let apply = ["firewall", "apply", "--watch", "--server", NODE, "--folder", folder.to_str().unwrap()];
        let mut command = fleet.command(&apply);
        let path = env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", tools().display()));
        let log = Run::current().folder.join(format!("crossing-{address}.log"));
        let watch = Running::start("dialplane", &mut command, &log);
        let crossing = Self { world, laboratory, fleet, address, watch, _alone: alone };
        wait_until("the node's packet filter is loaded", LIMIT, || {
            crossing.loaded().contains("chain sip").then_some(())
        });
        crossing
    }

    /// The carrier's address becomes known; the key of its row.
    fn add(&self) -> String {
        let address = self.address;
        let provider = self.fleet.by_hand("SELECT id FROM providers WHERE providername = 'wide'");
        self.fleet.must(&[
            "rows",
            "add",
            "provider_addresses",
            &format!("provider_id={provider}"),
            &format!("domainname={address}"),
            "direction=IN",
            "proto=SIP",
        ]);
        self.fleet.by_hand(&format!("SELECT id FROM provider_addresses WHERE domainname = '{address}'"))
    }

    fn loaded(&self) -> String {
        self.laboratory.tool("nft", "list ruleset")
    }

    fn lets_through(&self) -> bool {
        self.loaded().contains(self.address)
    }

    /// A packet of the carrier's is dropped: whoever drops counts.
    fn is_dropped(&self) {
        let before = self.dropped();
        let socket = self.world.udp(self.address, 5060);
        wait_until("a packet is dropped", LIMIT, || {
            socket.send_to(b"OPTIONS", (node(NODE).plan.address, 5060)).unwrap();
            (self.dropped() > before).then_some(())
        });
    }

    fn dropped(&self) -> u64 {
        let chain = self.laboratory.tool("nft", "list chain inet dialplane sip");
        let counter = chain.split("counter packets ").nth(1).expect("what is dropped is counted");
        counter.split(' ').next().unwrap().parse().unwrap()
    }

    fn call(&self, caller: &str) -> Outcome {
        let plan = &node(NODE).plan;
        let number = pool::OF_WIDE.number(NODE);
        let mut call = Call::new(plan, "wide", &number);
        call.secret = None;
        call.address = Some(self.address.to_owned());
        call.from = Some(format!("<sip:+{caller}@{}>", self.address));
        asked(|| self.world.within(|| call.place()))
    }
}

impl Drop for Crossing {
    fn drop(&mut self) {
        // First who would mend it.
        if self.watch.has_ended().is_none() {
            self.watch.signal("KILL");
        }
        self.laboratory.feed("nft", "-f -", "table inet dialplane\ndelete table inet dialplane\n");
    }
}

fn added() {
    let crossing = Crossing::new(ADDED);
    phones::register(&node(NODE).plan, "1010", Answer::Answers);
    crossing.is_dropped();
    let edited = now();
    let row = crossing.add();
    wait_until("the packet filter lets it through", LIMIT, || crossing.lets_through().then_some(()));
    let loaded = now().saturating_sub(edited);
    // The router may have heard a moment later.
    let outcome = wait_until("the carrier is recognised", LIMIT, || {
        let outcome = crossing.call("12025550157");
        (outcome.status() == 200).then_some(outcome)
    });
    let answer = outcome.messages.iter().find(|message| message.status() == Some(200)).unwrap();
    let answered = answer.at.saturating_sub(edited);
    eprintln!("from the edit: let through after {loaded:?}, the call answered after {answered:?}");
    assert_eq!(phones::rung(&node(NODE).plan, "1010", "12025550157").len(), 1);
    crossing.fleet.must(&["rows", "remove", "provider_addresses", &row]);
    wait_until("it is let through no more", LIMIT, || (!crossing.lets_through()).then_some(()));
    crossing.is_dropped();
}

fn passed() {
    let mut crossing = Crossing::new(PASSING);
    phones::register(&node(NODE).plan, "1010", Answer::Answers);
    let row = crossing.add();
    wait_until("the packet filter lets it through", LIMIT, || crossing.lets_through().then_some(()));
    wait_until("the carrier is recognised", LIMIT, || {
        (crossing.call("12025550158").status() == 200).then_some(())
    });
    let end = now() + Duration::from_secs(2);
    let valid_to = format!("valid_to={}", instant(end));
    crossing.fleet.must(&["rows", "set", "provider_addresses", &row, &valid_to]);
    wait_until("it is let through no more", LIMIT, || (!crossing.lets_through()).then_some(()));
    assert!(now() >= Duration::from_secs(end.as_secs()), "not before its time");
    crossing.is_dropped();
    // Without a packet filter the node itself does not know it either.
    crossing.watch.signal("TERM");
    assert!(crossing.watch.wait(LIMIT).success());
    assert!(crossing.loaded().contains("chain sip"), "what is loaded stays");
    crossing.laboratory.tool("nft", "delete table inet dialplane");
    let outcome = crossing.call("12025550159");
    assert_eq!((outcome.status(), outcome.cause()), (403, Some(21)));
    crossing.fleet.must(&["rows", "remove", "provider_addresses", &row]);
}

fn now() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "SIPp writes down what the clock shows")]
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// A moment as tables have it.
fn instant(at: Duration) -> String {
    let output = std::process::Command::new("date")
        .args(["--utc", &format!("--date=@{}", at.as_secs()), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
