//! The stories. Each asserts on what carriers and phones received, never on our own answer alone.

use std::env;

use laboratory::{asterisk::PLANS, mariadb, postgres, sqlite};
use libtest_mimic::Trial;

mod agi;
mod answers;
mod api;
mod caller_id;
mod databases;
mod decisions;
mod enforcement;
mod failover;
mod firewall;
mod generations;
mod hops;
mod hostile;
mod identity;
mod inbound;
mod live_calls;
mod local;
mod manager;
mod networks;
mod outage;
mod privacy;
mod records;
mod reports;
mod silence;
mod transfers;
mod trunks;

pub(crate) fn all() -> Vec<Trial> {
    // The longest first, so that the others fill the time.
    let stories = [
        silence::trials,
        generations::trials,
        enforcement::trials,
        records::trials,
        decisions::trials,
        manager::trials,
        privacy::trials,
        failover::trials,
        firewall::trials,
        outage::trials,
        hostile::trials,
        reports::trials,
        hops::trials,
        transfers::trials,
        inbound::trials,
        trunks::trials,
        networks::trials,
        identity::trials,
        local::trials,
        agi::trials,
        answers::trials,
        caller_id::trials,
        live_calls::trials,
        api::trials,
        databases::trials,
    ];
    stories.into_iter().flat_map(|trials| trials()).collect()
}

/// The same story on every node.
fn on_every_node(name: &str, story: impl Fn(&str) + Clone + Send + 'static) -> Vec<Trial> {
    let told_on = |node: &'static str| {
        let story = story.clone();
        Trial::test(format!("{name}::{node}"), move || {
            story(node);
            Ok(())
        })
    };
    PLANS.iter().map(|plan| told_on(plan.name)).collect()
}

/// Makes a fresh database and tells its URL.
type Fresh = fn() -> String;

/// The same story on every database, with the URL of an empty one.
fn on_every_database(name: &str, story: fn(&str)) -> Vec<Trial> {
    let databases: [(&str, Fresh); 3] = [("sqlite", sqlite), ("postgres", postgres), ("mariadb", mariadb)];
    let told_on = |(database, fresh): (&str, Fresh)| {
        Trial::test(format!("{name}::{database}"), move || {
            story(&fresh());
            Ok(())
        })
    };
    databases.into_iter().map(told_on).collect()
}

/// How often something is tried: the full count takes long.
pub(crate) fn count(sample: usize, full: usize) -> usize {
    if env::var_os("DIALPLANE_SLOW").is_some() { full } else { sample }
}
