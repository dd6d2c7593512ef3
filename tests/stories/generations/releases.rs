//! Tables of a newer and of an older release under running routers.

use generations::{Entry, Manifest, encode};
use laboratory::{
    fleet::{Fleet, LIMIT},
    wait_until,
};
use libtest_mimic::Trial;
use routing::{Chunk, ChunkPlace, Chunked, ChunkedTables, Row, TableName};
use serde::Serialize;
use store::{Marks, NewGeneration, Options, Store};

use crate::store::schema::{ADDRESS_COLUMNS, ADDRESS_RULES, LATER, VIEWS};

use super::{ask, assert_dials, name_gate, newest, on_every_database, wait_dials, with_article};

pub(crate) fn trials() -> Vec<Trial> {
    let newer = on_every_database("releases::a_newer_one_is_followed_and_not_overwritten", newer);
    let older = on_every_database("releases::an_older_ones_tables_are_migrated_under_a_router", older);
    newer.into_iter().chain(older).collect()
}

/// The release after this one knows one more thing of a currency.
#[derive(PartialEq, Serialize)]
struct TomorrowsCurrency {
    id: i64,
    iso: &'static str,
    numcode: u16,
    name: &'static str,
    minor_units: u8,
}

impl Row for TomorrowsCurrency {
    const TABLE: TableName = TableName::Currency;

    fn key(&self) -> i64 {
        self.id
    }

    fn table(_: &ChunkedTables) -> &Chunked<Self> {
        unreachable!("today's tables hold no such row")
    }
}

const TOMORROW: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
     SELECT 9999, 'tomorrow', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";

fn newer(url: &str) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    let routers = [&one, &two];
    wait_dials(&routers, "westcall");
    fleet.by_hand("ALTER TABLE currencies ADD COLUMN minor_units INTEGER NOT NULL DEFAULT 2");
    fleet.by_hand(TOMORROW);

    let before = newest(&fleet);
    let said = name_gate(&fleet, "refused");
    assert!(said.code != 0 && said.err.contains("release 9999, newer than"), "{said:?}");
    let said = fleet.run(&["activate"]);
    assert!(said.code == 4 && said.err.contains("activate with the newer program"), "{said:?}");
    wait_until("a router says that edits are not activated", LIMIT, || {
        fleet.must(&["routers"]).contains("edits: not activated").then_some(())
    });
    let refused = routers.iter().any(|router| router.log().contains("newer than"));
    assert!(refused, "{}", one.log());
    assert_eq!(newest(&fleet), before);
    assert_dials(&routers, "westcall");

    run(activate_as_tomorrow(url));
    for router in routers {
        router.wait_answers(&ask(), "by the newer generation", |answer| {
            answer.get("gen") == (before + 1).to_string()
        });
    }
    assert_dials(&routers, "westcall");
}

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work);
}

/// What the newer program would store: the active generation with a chunk of rows that have a column more.
async fn activate_as_tomorrow(url: &str) {
    let store = Store::connect(url, Options::default()).await.unwrap();
    let head = store.latest_generation().await.unwrap().unwrap();
    let active = store.generation(head.number).await.unwrap().unwrap();
    let manifest = Manifest::decode(std::str::from_utf8(&active.manifest).unwrap()).unwrap();
    let place = ChunkPlace { table: TableName::Currency, range: 0 };
    let rows = [(96, "RUB", 643), (122, "USD", 840), (156, "EUR", 978)];
    let rows = rows.map(|(id, iso, numcode)| TomorrowsCurrency {
        id,
        iso,
        numcode,
        name: "of tomorrow",
        minor_units: 2,
    });
    let (hash, packed) = encode(&Chunk::new(place.range, rows.into()).unwrap());
    let entries =
        manifest.entries().map(|entry| if entry.place == place { Entry { hash, ..entry } } else { entry });
    let manifest: Manifest = entries.collect();
    let hashes: Vec<_> = manifest.hashes().map(|hash| hash.0).collect();
    let text = manifest.encode();
    let new = NewGeneration {
        parent: Some(head.number),
        actor: "tomorrow",
        comment: None,
        held: false,
        checksum: manifest.checksum().0,
        manifest: text.as_bytes(),
        hashes: &hashes,
        chunks: &[(hash.0, packed.as_bytes())],
        consumed: &Marks::default(),
    };
    store.activate(new).await.unwrap();
}

fn older(url: &str) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    for view in VIEWS {
        fleet.by_hand(&format!("DROP VIEW {view}"));
    }
    for table in LATER.into_iter().take_while(|table| *table != "api_tokens") {
        fleet.by_hand(&format!("DROP TABLE {table}"));
    }
    // Only MariaDB keeps rules apart from their columns.
    for rule in ADDRESS_RULES.into_iter().filter(|_| url.starts_with("mysql:")) {
        fleet.by_hand(&format!("ALTER TABLE provider_addresses DROP CONSTRAINT {rule}"));
    }
    for column in ADDRESS_COLUMNS {
        fleet.by_hand(&format!("ALTER TABLE provider_addresses DROP COLUMN {column}"));
    }
    fleet.by_hand("DELETE FROM _sqlx_migrations WHERE version > 17");

    let mut router = fleet.member("one", Fleet::fresh_port());
    router.start();
    wait_until("the router lives and is not ready", LIMIT, || {
        let (ready, lives) = (router.readyz()?, router.livez()?);
        (ready.0 == 503 && lives.0 == 200 && ready.1.contains("database: ")).then_some(())
    });
    assert_eq!(router.ask(&ask()).get("status"), "not_ready");
    fleet.must(&["migrate"]);
    router.wait_ready();
    assert_eq!(newest(&fleet), 1);
    assert_dials(&[&router], "westcall");
    assert_eq!(name_gate(&fleet, "edited").code, 0);
    wait_dials(&[&router], "edited");
    router.wait_content();
}
