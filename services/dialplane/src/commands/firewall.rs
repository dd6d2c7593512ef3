use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use activation::{Active, Folder};
use anyhow::{Context, anyhow};
use domain::ProviderAddressId;
use firewall::{AddressSet, Change, Entry, Format, Question, Rules, render, select};
use runtime::{Config, now_us};
use serde::Serialize;

use super::{active, enforcement, open};
use crate::{
    answer,
    cli::{Firewall, FirewallDiff, FirewallExport},
    failure::{DONE, Failure, negative},
    files,
};

pub(crate) async fn run(config: &Config, command: Firewall) -> Result<ExitCode, Failure> {
    match command {
        Firewall::Export(arguments) => export(config, arguments).await,
        Firewall::Diff(arguments) => diff(config, &arguments).await,
        Firewall::Apply(arguments) => enforcement::apply(config, arguments).await,
        Firewall::Status(arguments) => enforcement::status(config, &arguments).await,
    }
}

/// Nothing is written before everything is known to be allowed.
async fn export(config: &Config, arguments: FirewallExport) -> Result<ExitCode, Failure> {
    let set = set(config, &arguments.question.question()).await?;
    let place = arguments.last.or_else(|| arguments.output.as_deref().map(beside));
    if let Some(last) = place.as_deref().map(|place| last(place, arguments.force)).transpose()?.flatten()
        && !arguments.force
    {
        set.check_shrink(&last)?;
    }
    let rules = if arguments.sets_only { Rules::SetsOnly } else { Rules::Included };
    let options = config.firewall.options(rules, arguments.family);
    let text = render(&set, arguments.format, &options)?;
    let Some(output) = arguments.output else {
        print!("{text}");
        return Ok(DONE);
    };
    let is_new = files::replace(&output, &text)?;
    if let Some(place) = place {
        files::replace(&place, &render(&set, Format::Json, &options)?)?;
    }
    let (shown, generation) = (output.display(), set.generation());
    let done = if is_new { "written" } else { "is up to date" };
    println!("{shown} {done}: generation {generation}, {} networks", set.networks().len());
    Ok(DONE)
}

async fn diff(config: &Config, arguments: &FirewallDiff) -> Result<ExitCode, Failure> {
    let place = &arguments.last;
    let last = last(place, false)?;
    let last = last.ok_or_else(|| Failure::usage(anyhow!("there is no {}", place.display())))?;
    let set = set(config, &arguments.question.question()).await?;
    let changes = set.changes(&last);
    if arguments.json {
        answer::json(&DiffView {
            from: last.generation(),
            to: set.generation(),
            added: &changes.added,
            removed: &changes.removed,
            unchanged: changes.unchanged,
        })?;
    } else {
        for line in changes.lines() {
            println!("{}", shown(line));
        }
        println!("{} unchanged", changes.unchanged);
    }
    Ok(if changes.is_empty() { DONE } else { negative() })
}

#[derive(Serialize)]
struct DiffView<'s> {
    /// The generations of the two sets.
    from: u64,
    to: u64,
    added: &'s [&'s Entry],
    removed: &'s [&'s Entry],
    unchanged: usize,
}

fn shown(line: Change<'_>) -> String {
    let sign = match line {
        Change::Added(_) => '+',
        Change::Removed(_) => '-',
    };
    let Entry { network, who, purpose, direction, protocol, origin, .. } = line.entry();
    // A name may hold anything; a terminal shall not obey it.
    let name = who.name().escape_debug();
    format!("{sign} {network} {direction} {protocol} {purpose} of {who} ({name}): {origin}")
}

/// What is valid now in the active generation.
async fn set(config: &Config, question: &Question) -> Result<AddressSet, Failure> {
    let active = newest(config).await?;
    let selection = select(active.tables(), now_us(), question).map_err(Failure::usage)?;
    tell_unresolved(&selection.unresolved);
    Ok(AddressSet::new(active.record().number, selection.entries, config.firewall.floors())?)
}

fn tell_unresolved(addresses: &[ProviderAddressId]) {
    if !addresses.is_empty() {
        let ids: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        eprintln!(
            "dialplane: nothing is known of the host names of provider_addresses {}: they are left out",
            ids.join(", ")
        );
    }
}

/// From the database, or from disk while that is away: a firewall is wanted most when things are broken.
async fn newest(config: &Config) -> Result<Arc<Active>, Failure> {
    match from_database(config).await {
        Err(failure) if failure.is_unavailable() => from_disk(config, failure),
        found => found,
    }
}

async fn from_database(config: &Config) -> Result<Arc<Active>, Failure> {
    active(&open(config).await?).await
}

fn from_disk(config: &Config, away: Failure) -> Result<Arc<Active>, Failure> {
    for file in Folder::new(&config.generations.folder).newest_first() {
        let kept = file.map_err(Failure::usage).and_then(|file| Ok(Active::from_file(file)?));
        match kept {
            Ok(kept) => {
                eprintln!("dialplane: {away}; generation {} is from disk", kept.record().number);
                return Ok(Arc::new(kept));
            }
            Err(failure) => eprintln!("dialplane: {failure}"),
        }
    }
    Err(away)
}

/// Where the set of an export is kept.
fn beside(output: &Path) -> PathBuf {
    let mut name = OsString::from(output);
    name.push(".last");
    name.into()
}

/// The set that was exported last; none if there is no file. A damaged one is as none for those who insist.
fn last(place: &Path, force: bool) -> Result<Option<AddressSet>, Failure> {
    let shown = place.display();
    let text = match fs::read_to_string(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("{shown} cannot be read")),
    };
    let set =
        text.and_then(|text| AddressSet::from_json(&text).with_context(|| format!("{shown} is damaged")));
    match set {
        Ok(set) => Ok(Some(set)),
        Err(error) if force => {
            eprintln!("dialplane: {error:#}; going on without it");
            Ok(None)
        }
        Err(error) => Err(Failure::refused(error.context("--force goes on without the last set"))),
    }
}
