use std::{process::ExitCode, time::Duration};

use activation::{Part, Settled, settle};
use anyhow::anyhow;
use live::{Bus, Topic};
use names::Condition;
use resolver::{Dns, Done, Round};
use routing::Layer;
use runtime::{Config, Tasks};
use serde::Serialize;
use store::Store;
use tokio::time::{Instant, sleep};

use crate::{
    answer,
    cli::About,
    commands::active,
    failure::{DONE, Failure, negative},
};

/// How long a router that asks just now is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);

/// Asks about every name once and sees what came of it go live. Exit code 1: names are without a good answer.
pub(super) async fn run(config: &Config, store: &Store, json: bool) -> Result<ExitCode, Failure> {
    let dns = Dns::new(&config.resolver).map_err(Failure::usage)?;
    let tables = active(store).await?.tables().clone();
    store.ask_names_now().await?;
    let holder = format!("command {}", std::process::id());
    let round = Round::new(store, &dns, &config.resolver, &holder);
    let mut all = Done::default();
    let until = Instant::now() + PATIENCE;
    loop {
        match round.make(&tables).await? {
            // A round is of so many names at most.
            Some(done) if !done.heard.is_empty() => {
                all.changed.extend(done.changed);
                all.heard.extend(done.heard);
            }
            Some(done) => {
                (all.conditions, all.waiting) = (done.conditions, done.waiting);
                break;
            }
            None if Instant::now() < until => sleep(POLL).await,
            None => return Err(Failure::unavailable(anyhow!("another process is asking DNS; try again"))),
        }
    }
    go_live(config, store).await?;
    let view = View::of(&all);
    let good = view.good == view.names;
    if json {
        answer::json(&view)?;
    } else {
        view.print();
    }
    Ok(if good { DONE } else { negative() })
}

async fn go_live(config: &Config, store: &Store) -> Result<(), Failure> {
    let mut tasks = Tasks::default();
    Bus::connect(&config.bus, &mut tasks).map_err(Failure::usage)?.publish(Topic::Edits, "");
    let about = About::because("names resolved");
    match settle(store, Part::Layer(Layer::Resolved), about.order(false)).await? {
        Settled::Live(_) => Ok(()),
        Settled::Refused(findings) => Err(Failure::negative(anyhow!("not live: {findings}"))),
    }
}

#[derive(Serialize)]
struct View {
    names: usize,
    good: usize,
    /// Names that stand for other addresses now.
    changed: Vec<String>,
    quarantined: usize,
}

impl View {
    fn of(done: &Done) -> Self {
        Self {
            names: done.conditions.len(),
            good: done.conditions.iter().filter(|condition| **condition == Condition::Good).count(),
            changed: done.changed.clone(),
            quarantined: done.waiting,
        }
    }

    fn print(&self) {
        for name in &self.changed {
            println!("{name} stands for other addresses");
        }
        println!(
            "{} of {} names answered; {} addresses in quarantine",
            self.good, self.names, self.quarantined
        );
    }
}
