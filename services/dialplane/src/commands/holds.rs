use std::process::ExitCode;

use records::{Zone, instant_or_ago};
use runtime::{Config, now_us};
use serde::Serialize;
use store::{LegalHold, NewHold, Store};

use super::{generations::instant, open};
use crate::{
    answer,
    cli::{About, Holds, MakeHold},
    failure::{DONE, Failure, negative},
};

pub(crate) async fn run(config: &Config, command: Holds) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Holds::List { json } => list(&store, json).await,
        Holds::Make(hold) => make(&store, hold).await,
        Holds::Release { id, reason } => {
            let released = About::because(&reason).sign(&store).release_hold(id, &reason).await?;
            println!("{}", if released { "released" } else { "no such hold is in force" });
            Ok(if released { DONE } else { negative() })
        }
    }
}

async fn make(store: &Store, hold: MakeHold) -> Result<ExitCode, Failure> {
    let store = About::because(&hold.reason).sign(store);
    let at_us = |text: &str| instant_or_ago(text, &Zone::UTC, now_us()).map_err(Failure::usage);
    let hold = NewHold {
        number: hold.number,
        node: hold.node,
        from_us: at_us(&hold.from)?,
        to_us: hold.to.as_deref().map(at_us).transpose()?,
        reason: hold.reason,
    };
    println!("{}", store.make_hold(&hold).await?);
    Ok(DONE)
}

async fn list(store: &Store, json: bool) -> Result<ExitCode, Failure> {
    let holds: Vec<_> = store.legal_holds().await?.into_iter().map(View::from).collect();
    if json {
        answer::json(&holds)?;
    } else {
        let header = ["id", "number", "node", "from", "to", "made", "by", "released", "reason"];
        answer::table(&header, holds.into_iter().map(View::cells));
    }
    Ok(DONE)
}

/// Times are UTC.
#[derive(Serialize)]
struct View {
    id: i64,
    /// Null: all.
    number: Option<String>,
    node: Option<String>,
    from: String,
    to: Option<String>,
    reason: String,
    made: String,
    made_by: String,
    /// Null: it holds.
    released: Option<String>,
    released_by: Option<String>,
}

impl From<LegalHold> for View {
    fn from(hold: LegalHold) -> Self {
        let NewHold { number, node, from_us, to_us, reason } = hold.hold;
        Self {
            id: hold.id,
            number: number.map(|number| number.to_string()),
            node: node.map(|node| node.to_string()),
            from: instant(from_us),
            to: to_us.map(instant),
            reason,
            made: instant(hold.made_us),
            made_by: hold.made_by,
            released: hold.released_us.map(instant),
            released_by: hold.released_by,
        }
    }
}

impl View {
    fn cells(self) -> [String; 9] {
        let all = |text: Option<String>| text.unwrap_or_else(|| "all".to_owned());
        [
            self.id.to_string(),
            all(self.number),
            all(self.node),
            self.from,
            self.to.unwrap_or_default(),
            self.made,
            self.made_by,
            self.released.unwrap_or_default(),
            self.reason,
        ]
    }
}
