//! The calls that are up, on every node.

mod view;

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

use boards::{Boards, Reading};
use domain::NodeName;
use live::Bus;
use routing::TableName;
use runtime::{Config, Tasks, chain};
use serde_json::{Map, Value};
use store::{Store, StoreError};
use tokio::time::{sleep, timeout};

use self::view::Shown;
use crate::{
    answer,
    cli::Live,
    commands::open,
    failure::{DONE, Failure, negative},
};

const DRAW_EVERY: Duration = Duration::from_secs(1);
/// How long the names of the nodes are waited for; the calls are shown without them.
const NODES_LIMIT: Duration = Duration::from_secs(5);
/// Servers read at once; nobody has more.
const SERVERS_MAX: u32 = 1000;
/// Begins the terminal at its top again.
const CLEAR: &str = "\x1b[H\x1b[2J";

pub(crate) async fn run(config: &Config, arguments: &Live) -> Result<ExitCode, Failure> {
    let mut tasks = Tasks::default();
    let bus = Bus::connect(&config.bus, &mut tasks).map_err(Failure::usage)?;
    let store = open(config).await?;
    let look = Look { boards: Boards::new(bus, store.clone()), store, node: arguments.node.clone() };
    if arguments.watch {
        return look.watch().await;
    }
    let (shown, failures) = look.once().await?;
    for failure in &failures {
        eprintln!("dialplane: {failure}");
    }
    if arguments.json {
        answer::json(&shown)?;
    } else {
        shown.print();
    }
    Ok(if arguments.node.is_some() && shown.is_untold() { negative() } else { DONE })
}

/// Where to look, and for whose calls.
struct Look {
    boards: Boards,
    store: Store,
    node: Option<NodeName>,
}

impl Look {
    /// What is to be shown now, and what could not be asked.
    async fn once(&self) -> Result<(Shown, Vec<String>), Failure> {
        let (reading, nodes) = tokio::join!(self.boards.read(), self.nodes());
        let Reading { boards, failures } = reading.map_err(Failure::unavailable)?;
        let mut failures: Vec<_> = failures.iter().map(|failure| chain(failure).to_string()).collect();
        let expected = nodes.unwrap_or_else(|failure| {
            failures.push(format!("which nodes there should be is not known: {failure}"));
            BTreeSet::new()
        });
        let Some(node) = &self.node else { return Ok((Shown::of(&boards, &expected), failures)) };
        let boards: Vec<_> = boards.into_iter().filter(|board| board.live.node == *node).collect();
        Ok((Shown::of(&boards, &BTreeSet::from([node.clone()])), failures))
    }

    /// The servers that are enabled: each should have a collector.
    async fn nodes(&self) -> Result<BTreeSet<NodeName>, String> {
        let rows = timeout(NODES_LIMIT, self.store.rows(TableName::Server, 0, SERVERS_MAX)).await;
        let rows = rows.map_err(|_| "the database takes too long".to_owned())?;
        let rows = rows.map_err(|error: StoreError| chain(&error).to_string())?;
        Ok(rows.iter().filter_map(enabled).collect())
    }

    async fn watch(&self) -> Result<ExitCode, Failure> {
        let mut stop = pin!(tokio::signal::ctrl_c());
        loop {
            let round = async {
                self.draw().await;
                sleep(DRAW_EVERY).await;
            };
            tokio::select! {
                stopped = &mut stop => return stopped.map(|()| DONE).map_err(Failure::unavailable),
                () = round => {}
            }
        }
    }

    /// Whoever watches wants to see what is wrong, and that it is over.
    async fn draw(&self) {
        let looked = self.once().await;
        if io::stdout().is_terminal() {
            print!("{CLEAR}");
        }
        match looked {
            Ok((shown, failures)) => {
                shown.print();
                for failure in failures {
                    println!("{failure}");
                }
            }
            Err(failure) => println!("{failure}"),
        }
    }
}

fn enabled(server: &Map<String, Value>) -> Option<NodeName> {
    let name = server.get("servername").filter(|_| server.get("enabled") == Some(&Value::Bool(true)));
    name?.as_str()?.parse().ok()
}
