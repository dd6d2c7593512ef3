//! From what a node says to rows: every call once, whatever happens to the line, the collector and the database.

mod databases;
mod feeds;
mod killed;
mod lines;
mod neighbours;
mod ratios;
mod real;
mod slow_disk;
mod stalls;
mod standby;

use std::{ops::Range, thread, time::Duration};

use laboratory::{
    feed::Feed,
    fleet::{Fleet, LIMIT, Member},
    manager_node::ManagerNode,
    wait_until,
};
use libtest_mimic::Trial;
use runtime::now_us;

use super::{count, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    let stories = [
        real::trials,
        ratios::trials,
        killed::trials,
        databases::trials,
        stalls::trials,
        slow_disk::trials,
        neighbours::trials,
        feeds::trials,
        lines::trials,
        standby::trials,
    ];
    stories.into_iter().flat_map(|trials| trials()).collect()
}

const NODE: &str = "ast22";
pub(super) const LOOK: Duration = Duration::from_millis(100);
/// One call of the feed begins so long after the other.
const APART_US: i64 = 10_000;

/// A manager port, and an installation that records what it says.
struct Scene {
    fleet: Fleet,
    node: ManagerNode,
    feed: Feed,
    apart_us: i64,
}

impl Scene {
    fn on(url: &str) -> Self {
        Self::in_fleet(Fleet::on(url), Feed::answered_after_failure(false), APART_US)
    }

    /// With calls that begin so far apart.
    fn in_fleet(fleet: Fleet, feed: Feed, apart_us: i64) -> Self {
        fleet.must(&["migrate"]);
        Self { fleet, node: ManagerNode::start(), feed, apart_us }
    }

    /// A collector that listens.
    fn collector(&self, name: &str) -> Member {
        let listeners = self.node.listeners();
        let mut member = self.fleet.collector(name, NODE, &self.node.address.to_string(), &[]);
        member.start();
        self.wait_listeners(listeners + 1);
        member
    }

    /// Kills one that listened; by the end the node knows.
    fn kill(&self, collector: &mut Member) {
        let listeners = self.node.listeners();
        collector.kill();
        self.wait_listeners(listeners - 1);
    }

    fn wait_listeners(&self, count: usize) {
        wait_until(&format!("{count} collectors listen"), LIMIT, || {
            (self.node.listeners() == count).then_some(())
        });
    }

    /// The events of these calls that begin one after the other from a time on, in the order of their times.
    fn events(&self, calls: Range<u64>, from_us: i64) -> Vec<(i64, String)> {
        self.feed.calls(calls, from_us, self.apart_us).collect()
    }

    /// Says all of these calls, each event when it happens.
    fn say(&self, calls: Range<u64>) {
        for (at_us, event) in self.feed.calls(calls, now_us(), self.apart_us) {
            let left_us = u64::try_from(at_us - now_us()).unwrap_or_default();
            thread::sleep(Duration::from_micros(left_us));
            self.node.say(&event);
        }
    }

    /// Does something while these calls are told.
    fn meanwhile<T>(&self, calls: Range<u64>, deed: impl FnOnce() -> T) -> T {
        thread::scope(|scope| {
            scope.spawn(|| self.say(calls));
            deed()
        })
    }

    fn number(&self, sql: &str) -> u64 {
        self.fleet.by_hand(sql).parse().unwrap()
    }

    fn wait_number(&self, sql: &str, wanted: u64) {
        wait_until(&format!("{wanted} by {sql}"), LIMIT, || {
            // Each look is a program of its own.
            thread::sleep(LOOK);
            (self.number(sql) == wanted).then_some(())
        });
    }

    /// Says these calls, the last ones of a story, and waits until they are told; by then so is everything before.
    fn say_last(&self, calls: Range<u64>) {
        let is_one = |call| format!("unique_id LIKE '%.{}'", call * Feed::IDS + Feed::FIRST_ID);
        let ids = calls.clone().map(is_one).collect::<Vec<_>>().join(" OR ");
        let count = calls.end - calls.start;
        self.say(calls);
        self.wait_number(&format!("{COMPLETE} AND ({ids})"), count);
    }

    /// What is in the rows of calls beside ids and absolute times: once for each kind, with how many there are of it.
    fn digest(&self, condition: &str) -> String {
        let condition = format!("WHERE {condition}");
        let calls = format!(
            "SELECT count(*), revision, complete, flaws, caller_raw, called_raw, answer_us - start_us, \
             end_us - start_us, wait_us, ring_us, talk_us, disposition, cause, sip, hangup_by, generation \
             FROM calls c {condition} GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 ORDER BY 1"
        );
        let of_calls = "JOIN calls c ON c.node = p.node AND c.created_us = p.call_created_us \
                        AND c.unique_id = p.call_unique_id";
        let legs = format!(
            "SELECT count(*), p.position, p.answer_us - p.start_us, p.end_us - p.start_us, p.cause, p.sip, p.hangup_by \
             FROM call_legs p {of_calls} {condition} GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2"
        );
        let attempts = format!(
            "SELECT count(*), p.position, p.dial, p.decision_attempt, p.answer_us - p.start_us, p.end_us - p.start_us, \
             p.cause, p.sip, p.dialstatus FROM call_attempts p {of_calls} {condition} \
             GROUP BY 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 2"
        );
        [calls, legs, attempts].map(|sql| self.fleet.by_hand(&sql).replace('\t', "|")).join("\n")
    }
}

const CALLS: &str = "SELECT count(*) FROM calls";
const COMPLETE: &str = "SELECT count(*) FROM calls WHERE complete = TRUE";
const INCOMPLETE: &str = "SELECT count(*) FROM calls WHERE complete = FALSE";
