use std::process::ExitCode;

use runtime::Config;
use serde::Serialize;
use store::AuditEntry;

use super::{generations::instant, open};
use crate::{
    answer,
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, limit: u32, json: bool) -> Result<ExitCode, Failure> {
    let entries: Vec<_> = open(config).await?.audit(limit).await?.into_iter().map(View::from).collect();
    if json {
        answer::json(&entries)?;
    } else {
        let header = ["at", "by", "what", "of", "why"];
        answer::table(&header, entries.into_iter().map(View::cells));
    }
    Ok(DONE)
}

#[derive(Serialize)]
struct View {
    /// UTC.
    at: String,
    actor: String,
    action: String,
    subject: String,
    reason: String,
}

impl From<AuditEntry> for View {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { at_us, actor, action, subject, reason } = entry;
        Self { at: instant(at_us), actor, action, subject, reason }
    }
}

impl View {
    fn cells(self) -> [String; 5] {
        [self.at, self.actor, self.action, self.subject, self.reason]
    }
}
