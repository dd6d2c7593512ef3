//! `dialplane firewall apply` and `status`, on a node.

use std::{fs, net::SocketAddr, path::Path, process::ExitCode, time::Duration};

use activation::Folder;
use anyhow::Context;
use client::Client;
use domain::Secret;
use enforcement::{
    Api, Database, EnforceError, Enforcer, Meant, Metrics, Place, Source, SourceError, Status, Watch, watch,
};
use firewall::{Family, Rules};
use packetfilter::{Applier, ApplyError, Backend, Deviation, Kept, Tool};
use prometheus::Registry;
use runtime::{Config, Health, Tasks, now_us};
use serde::Serialize;
use tokio::net::TcpListener;

use super::{open, serve::until_stopped};
use crate::{
    answer,
    cli::{FirewallApply, FirewallHere, FirewallStatus, PacketFilter},
    failure::{DONE, Failure, negative},
};

/// Most deviations that people are shown.
const SHOWN: usize = 100;

pub(crate) async fn apply(config: &Config, arguments: FirewallApply) -> Result<ExitCode, Failure> {
    let mut enforcer = enforcer(config, &arguments.here)?;
    enforcer.force = arguments.force;
    let limit = Duration::from_secs(arguments.check_limit_s.into());
    let check = arguments.check.map(|program| Tool::at(&program, limit)).transpose();
    enforcer.applier.check = check.map_err(Failure::usage)?;
    let mut source = source(config, &arguments.here).await?;
    if arguments.watch {
        return follow(source, enforcer, arguments.metrics).await;
    }
    let meant = meant(&mut source, &enforcer).await?;
    if arguments.dry_run {
        show(&enforcer.status(&meant).await?);
        return Ok(DONE);
    }
    let done = if enforcer.enforce(&meant).await? { "loaded" } else { "is loaded already" };
    let (generation, networks) = (meant.set.generation(), meant.set.networks().len());
    println!("generation {generation} {done}: {networks} networks");
    Ok(DONE)
}

pub(crate) async fn status(config: &Config, arguments: &FirewallStatus) -> Result<ExitCode, Failure> {
    let enforcer = enforcer(config, &arguments.here)?;
    let meant = meant(&mut source(config, &arguments.here).await?, &enforcer).await?;
    let status = enforcer.status(&meant).await?;
    if arguments.json {
        answer::json(&StatusView::of(&status))?;
    } else {
        show(&status);
    }
    Ok(if status.place == Place::Same { DONE } else { negative() })
}

async fn follow(
    source: Source,
    enforcer: Enforcer,
    shown_at: Option<SocketAddr>,
) -> Result<ExitCode, Failure> {
    let (mut tasks, registry, health) = (Tasks::default(), Registry::new(), Health::default());
    let metrics = Metrics::new(&registry).map_err(Failure::usage)?;
    if let Some(address) = shown_at {
        let listener = TcpListener::bind(address).await.with_context(|| format!("--metrics {address}"));
        let listener = listener.map_err(Failure::usage)?;
        tasks.spawn("metrics", runtime::serve_metrics(listener, registry, health.clone(), tasks.stop()));
    }
    watch(Watch { source, enforcer, metrics, health }, &mut tasks);
    until_stopped(tasks).await
}

fn enforcer(config: &Config, here: &FirewallHere) -> Result<Enforcer, Failure> {
    let (backend, file) = match here.backend {
        PacketFilter::Nftables => (Backend::nftables(), "firewall.nft"),
        PacketFilter::Ipset => (Backend::ipset(), "firewall.ipset"),
    };
    let backend = backend.map_err(Failure::unavailable)?;
    Ok(Enforcer {
        applier: Applier { backend, kept: Kept::new(here.folder.join(file)), check: None },
        options: config.firewall.options(Rules::Included, Family::V4),
        floors: config.firewall.floors(),
        force: false,
        set_file: here.folder.join("firewall.json"),
    })
}

async fn source(config: &Config, here: &FirewallHere) -> Result<Source, Failure> {
    let question = here.question.question();
    let (Some(base), Some(token_file)) = (&here.api, &here.token_file) else {
        let folder = Folder::new(&config.generations.folder);
        return Ok(Source::Database(Database::new(open(config).await?, folder, question)));
    };
    let client = Client::new(base.clone(), secret(token_file)?, here.ca_file.clone());
    Ok(Source::Api(Api::new(client, &question)))
}

fn secret(file: &Path) -> Result<Secret, Failure> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()));
    Ok(Secret::new(text.map_err(Failure::usage)?.trim()))
}

/// What is to be loaded now; by what this machine kept, while the database is away.
async fn meant(source: &mut Source, enforcer: &Enforcer) -> Result<Meant, Failure> {
    let known = match source.look().await {
        Err(error) if error.is_unavailable() => {
            let kept = source.kept().await;
            let failure = Failure::from(error);
            if let Some(known) = &kept {
                eprintln!("dialplane: {failure}; generation {} is from disk", known.generation());
            }
            kept.ok_or(failure)?
        }
        known => known?.ok_or(SourceError::NoGeneration)?,
    };
    let entries = known.entries(now_us()).map_err(EnforceError::from)?;
    Ok(enforcer.meant(known.generation(), entries)?)
}

#[derive(Serialize)]
struct StatusView<'s> {
    /// The generation that is loaded, and the one that should be.
    loaded: Option<u64>,
    meant: u64,
    /// same, behind or drifted.
    state: &'static str,
    deviations: &'s [Deviation],
}

impl<'s> StatusView<'s> {
    fn of(status: &'s Status) -> Self {
        let state = match status.place {
            Place::Same => "same",
            Place::Behind => "behind",
            Place::Drifted => "drifted",
        };
        Self { loaded: status.loaded, meant: status.meant, state, deviations: &status.deviations }
    }
}

fn show(status: &Status) {
    let loaded = status.loaded.map_or("nothing of ours".to_owned(), |number| format!("generation {number}"));
    println!("loaded: {loaded}\nmeant:  generation {}", status.meant);
    println!(
        "{}",
        match status.place {
            Place::Same => "what is loaded is what is meant",
            Place::Behind => "what is meant is not loaded yet",
            Place::Drifted => "what was loaded has been changed by other hands",
        }
    );
    for deviation in status.deviations.iter().take(SHOWN) {
        // Whoever changed it may have written anything; a terminal shall not obey it.
        println!("  {}", deviation.to_string().escape_debug());
    }
    if let Some(more) = status.deviations.len().checked_sub(SHOWN + 1) {
        println!("  and {} more", more + 1);
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            error if error.is_unavailable() => Self::unavailable(error),
            error if error.is_refused() => Self::refused(error),
            SourceError::NoGeneration => Self::negative(error),
            error => Self::usage(error),
        }
    }
}

impl From<EnforceError> for Failure {
    fn from(error: EnforceError) -> Self {
        match error {
            EnforceError::Known(_) => Self::usage(error),
            EnforceError::Refused(_) => Self::refused(error),
            EnforceError::Apply(ApplyError::Rejected(_) | ApplyError::RolledBack(_)) => Self::negative(error),
            EnforceError::Tool(_) | EnforceError::Apply(_) => Self::unavailable(error),
        }
    }
}
