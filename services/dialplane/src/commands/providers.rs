use std::process::ExitCode;

use domain::{E164, Invalid};
use routing::{ListedAddress, listing};
use runtime::Config;
use serde::Serialize;

use super::open;
use crate::{
    answer,
    cli::{Providers, ProvidersList},
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, command: Providers) -> Result<ExitCode, Failure> {
    let Providers::List(arguments) = command;
    let number = arguments.dial.as_deref().map(number).transpose().map_err(Failure::usage)?;
    let tables = open(config).await?.tables().await?;
    let rows: Vec<_> = listing(&tables).iter().map(|row| view(row, number, &arguments)).collect();
    if arguments.json {
        answer::json(&rows)?;
    } else {
        print(&rows, number.is_some());
    }
    Ok(DONE)
}

fn number(text: &str) -> Result<E164, Invalid> {
    text.strip_prefix('+').unwrap_or(text).parse()
}

/// A row of the listing. With a number to dial, only the addresses it could be dialled through stay.
#[derive(Serialize)]
struct View {
    id: i64,
    providername: String,
    proto: String,
    address: String,
    resolved: Option<String>,
    direction: String,
    sells_outgoing: bool,
    dial_string: Option<String>,
}

fn view(row: &ListedAddress<'_>, number: Option<E164>, arguments: &ProvidersList) -> View {
    let ListedAddress { provider, address, networks } = row;
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    View {
        id: provider.id.0,
        providername: provider.providername.clone(),
        proto: address.proto.to_string(),
        address: address.domainname.to_string(),
        resolved: (!networks.is_empty()).then(|| networks.join(", ")),
        direction: address.direction.to_string(),
        sells_outgoing: provider.sells_outgoing,
        dial_string: number.and_then(|number| row.dial_string(number, arguments.class, arguments.driver)),
    }
}

fn print(rows: &[View], dial: bool) {
    let mut header = vec!["id", "providername", "proto", "aa", "direction", "sells outgoing"];
    if dial {
        header.push("dial string");
    }
    answer::table(
        &header,
        rows.iter().filter(|row| !dial || row.dial_string.is_some()).map(|row| cells(row, dial)),
    );
}

fn cells(row: &View, dial: bool) -> Vec<String> {
    let resolved = row.resolved.as_deref().unwrap_or("-");
    let mut cells = vec![
        row.id.to_string(),
        row.providername.clone(),
        row.proto.clone(),
        format!("{} [{resolved}]", row.address),
        row.direction.clone(),
        if row.sells_outgoing { "yes" } else { "no" }.to_owned(),
    ];
    if dial {
        cells.extend(row.dial_string.clone());
    }
    cells
}
