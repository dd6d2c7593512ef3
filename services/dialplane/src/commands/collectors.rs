use std::process::ExitCode;

use runtime::Config;
use serde::Serialize;
use store::NodeLeaseSeen;

use super::{generations::instant, open};
use crate::{
    answer,
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, json: bool) -> Result<ExitCode, Failure> {
    let leases = open(config).await?.node_leases().await?;
    let rows: Vec<_> = leases.into_iter().map(View::from).collect();
    if json {
        answer::json(&rows)?;
    } else {
        let header = ["node", "writer", "seen s ago", "state", "written up to"];
        answer::table(&header, rows.into_iter().map(View::cells));
    }
    Ok(DONE)
}

#[derive(Serialize)]
struct View {
    node: String,
    /// Who writes the node's records; none if the last one gave that up.
    writer: Option<String>,
    /// How long ago it gave a sign of life, seconds.
    age_s: u64,
    /// `ok`, or `silent`: another collector takes over if there is one.
    state: &'static str,
    /// Every call that ended until then, by the node's clock, is in the tables; UTC.
    written: Option<String>,
}

impl From<NodeLeaseSeen> for View {
    fn from(seen: NodeLeaseSeen) -> Self {
        let is_held = seen.holder.is_some() && seen.age < collector::LEASE_LIFE;
        Self {
            node: seen.node.to_string(),
            writer: seen.holder.map(Into::into),
            age_s: seen.age.as_secs(),
            state: if is_held { "ok" } else { "silent" },
            written: seen.written_us.map(instant),
        }
    }
}

impl View {
    fn cells(self) -> [String; 5] {
        let writer = self.writer.unwrap_or_default();
        [self.node, writer, self.age_s.to_string(), self.state.to_owned(), self.written.unwrap_or_default()]
    }
}
