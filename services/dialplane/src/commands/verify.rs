use std::process::ExitCode;

use activation::{Active, Draft, Look, Part};
use generations::{Diff, Finding, Shrunk};
use runtime::Config;
use serde::Serialize;

use super::open;
use crate::{
    answer,
    cli::Verify,
    failure::{DONE, Failure, negative},
};

pub(crate) async fn run(config: &Config, arguments: &Verify) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    let draft = Draft::read(&store, Look::Whole, Part::All, Active::newest(&store).await?).await?;
    let view = View::of(&draft);
    if arguments.json {
        answer::json(&view)?;
    } else {
        view.print();
    }
    Ok(if view.can_be_activated { DONE } else { negative() })
}

/// What there is to know before tables are activated.
#[derive(Serialize)]
pub(crate) struct View<'d> {
    /// Whether nothing speaks against it.
    can_be_activated: bool,
    findings: &'d [Finding],
    /// Tables that lost so many rows that `--force` is asked for.
    shrunk: &'d [Shrunk],
    changes: Diff,
}

impl<'d> View<'d> {
    pub(crate) fn of(draft: &'d Draft) -> Self {
        let can_be_activated = draft.errors().next().is_none() && draft.shrunk().is_empty();
        Self { can_be_activated, findings: draft.findings(), shrunk: draft.shrunk(), changes: draft.diff() }
    }

    pub(crate) fn print(&self) {
        for finding in self.findings {
            println!("{finding}");
        }
        for table in self.shrunk {
            println!("{table}");
        }
        if self.changes.is_empty() {
            println!("no changes");
        } else {
            print!("{}", self.changes);
        }
    }
}
