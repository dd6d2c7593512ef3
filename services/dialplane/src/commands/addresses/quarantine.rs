use std::process::ExitCode;

use anyhow::anyhow;
use names::Suspicion;
use serde::Serialize;
use store::{QuarantineState, QuarantinedAddress, Store};

use crate::{
    answer,
    cli::About,
    commands::generations::instant,
    failure::{DONE, Failure, negative},
};

pub(super) async fn list(store: &Store, all: bool, json: bool) -> Result<ExitCode, Failure> {
    let shown = |row: &QuarantinedAddress| all || row.state == QuarantineState::Waiting;
    let tables = store.tables().await?;
    let name = |row: &QuarantinedAddress| {
        let address = tables.provider_addresses.iter().find(|address| address.id == row.provider_address);
        address.map_or_else(|| "?".to_owned(), |address| address.domainname.to_string())
    };
    let rows = store.quarantined_addresses().await?.into_iter().filter(shown);
    let rows: Vec<_> = rows.map(|row| View::of(name(&row), &row)).collect();
    if json {
        answer::json(&rows)?;
    } else {
        let header = ["id", "name", "address", "why", "first seen", "last seen", "state"];
        answer::table(&header, rows.into_iter().map(View::cells));
    }
    Ok(DONE)
}

/// Approves or rejects. What cannot be anybody's address stays out whatever anybody says.
pub(super) async fn decide(
    store: &Store,
    id: i64,
    state: QuarantineState,
    reason: &str,
) -> Result<ExitCode, Failure> {
    let waiting = store.quarantined_addresses().await?.into_iter().find(|row| row.id == id);
    let never = waiting.is_some_and(|row| row.suspicion == Suspicion::Never);
    if never && state == QuarantineState::Approved {
        return Err(Failure::refused(anyhow!("no carrier can have this address: nobody lets it through")));
    }
    let decided = About::because(reason).sign(store).decide_quarantined(id, state, reason).await?;
    let Some(row) = decided else {
        println!("no address in quarantine has this id");
        return Ok(negative());
    };
    println!("{} {}", row.address, row.state.as_str());
    Ok(DONE)
}

/// Times are UTC.
#[derive(Serialize)]
struct View {
    id: i64,
    provider_address_id: i64,
    name: String,
    address: String,
    suspicion: &'static str,
    first_seen: String,
    last_seen: String,
    state: &'static str,
    decided: Option<String>,
}

impl View {
    fn of(name: String, row: &QuarantinedAddress) -> Self {
        Self {
            id: row.id,
            provider_address_id: row.provider_address.0,
            name,
            address: row.address.to_string(),
            suspicion: row.suspicion.as_str(),
            first_seen: instant(row.first_us),
            last_seen: instant(row.last_us),
            state: row.state.as_str(),
            decided: row.decided_us.map(instant),
        }
    }

    fn cells(self) -> [String; 7] {
        [
            self.id.to_string(),
            self.name,
            self.address,
            self.suspicion.to_owned(),
            self.first_seen,
            self.last_seen,
            self.state.to_owned(),
        ]
    }
}
