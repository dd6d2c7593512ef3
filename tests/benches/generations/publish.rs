//! From the tables to a generation, and from stored chunks to answers.

use activation::{Active, Draft, Order, activate};
use routing::tables::Tables;
use store::{Options, Store, WorkingCopy};
use tokio::runtime::Runtime;

use crate::{
    clock::{Took, median, timed},
    report::{Bound, Report},
};

const READS: usize = 3;
const LOADS: usize = 5;

/// Fills the database and activates its first generation.
pub(crate) fn measure(url: &str, tables: &Tables, report: &mut Report) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let store = runtime.block_on(filled(url, tables));
    from_sql(&runtime, &store, report);
    from_chunks(&runtime, &store, report);
    runtime.block_on(store.close());
}

async fn filled(url: &str, tables: &Tables) -> Store {
    let store = Store::connect(url, Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    store.insert(tables).await.unwrap();
    store
}

/// Reading, verifying and storing, as a router does with tables it has not seen.
fn from_sql(runtime: &Runtime, store: &Store, report: &mut Report) {
    let mut reads = Vec::new();
    let mut verified = Vec::new();
    let mut draft = None;
    for _ in 0..READS {
        let (copy, read) = timed(|| runtime.block_on(store.tables_chunked()).unwrap());
        reads.push(read);
        let WorkingCopy { tables, marks } = copy;
        let (made, verify) = timed(|| Draft::verify(tables, marks, None));
        verified.push(verify);
        draft = Some(made);
    }
    let draft = draft.unwrap();
    let (active, stored) = timed(|| runtime.block_on(activate(store, draft, ORDER)));
    active.unwrap();
    let (read, verify) = (middle(&reads), middle(&verified));
    let wall_s = (read.wall_ms + verify.wall_ms + stored.wall_ms) / 1e3;
    let remark = format!(
        "read {:.0} (CPU {:.0}), pack, compile and lint {:.0} (CPU {:.0}), store {:.0} (CPU {:.0}) ms; medians of {READS}",
        read.wall_ms, read.cpu_ms, verify.wall_ms, verify.cpu_ms, stored.wall_ms, stored.cpu_ms
    );
    report.figure("publish from SQL", wall_s, "s", Bound::AtMost(8.0), &remark);
}

const ORDER: Order<'static> = Order { actor: "bench", comment: "", force: false };

/// Fetching every chunk, unpacking and compiling, as a router does that starts with nothing.
fn from_chunks(runtime: &Runtime, store: &Store, report: &mut Report) {
    let loads: Vec<_> =
        (0..LOADS).map(|_| timed(|| runtime.block_on(Active::newest(store)).unwrap()).1).collect();
    let load = middle(&loads);
    let remark = format!("CPU {:.0} ms; medians of {LOADS}", load.cpu_ms);
    report.figure("publish from chunks", load.wall_ms / 1e3, "s", Bound::AtMost(3.0), &remark);
}

fn middle(all: &[Took]) -> Took {
    Took {
        wall_ms: median(all.iter().map(|took| took.wall_ms).collect()),
        cpu_ms: median(all.iter().map(|took| took.cpu_ms).collect()),
    }
}
