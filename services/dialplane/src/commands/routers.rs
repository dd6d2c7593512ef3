use std::process::ExitCode;

use activation::SILENT;
use runtime::Config;
use serde::Serialize;
use store::RouterSeen;

use super::{generations::instant, open};
use crate::{
    answer,
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, json: bool) -> Result<ExitCode, Failure> {
    let rows: Vec<_> = open(config).await?.routers().await?.into_iter().map(View::from).collect();
    if json {
        answer::json(&rows)?;
    } else {
        let header = ["router", "generation", "since", "seen s ago", "state", "remarks", "release"];
        answer::table(&header, rows.into_iter().map(View::cells));
    }
    Ok(DONE)
}

#[derive(Serialize)]
struct View {
    name: String,
    generation: Option<u64>,
    /// Since when it serves this generation, UTC.
    since: String,
    /// How long ago it gave a sign of life, seconds.
    age_s: u64,
    /// `ok`, `degraded`, `not ready` or, after 15 s without a sign of life, `silent`.
    state: String,
    remarks: String,
    version: String,
}

impl From<RouterSeen> for View {
    fn from(seen: RouterSeen) -> Self {
        let age = std::time::Duration::from_micros(seen.age_us.unsigned_abs());
        Self {
            name: seen.name,
            generation: seen.generation,
            since: instant(seen.since_us),
            age_s: age.as_secs(),
            state: if age < SILENT { seen.state } else { "silent".to_owned() },
            remarks: seen.detail.unwrap_or_default(),
            version: seen.version,
        }
    }
}

impl View {
    fn cells(self) -> [String; 7] {
        let generation = self.generation.map(|number| number.to_string()).unwrap_or_default();
        [self.name, generation, self.since, self.age_s.to_string(), self.state, self.remarks, self.version]
    }
}
