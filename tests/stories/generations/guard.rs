//! A table that was emptied by accident: nobody routes by it unless somebody says that it is meant.

use laboratory::fleet::{Fleet, LIMIT};
use laboratory::wait_until;
use libtest_mimic::Trial;

use super::{ask, assert_dials, newest, on_every_database, wait_dials, with_article};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("guard::an_emptied_table_is_refused", emptied)
}

fn emptied(url: &str) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    let routers = [&one, &two];
    wait_dials(&routers, "westcall");
    let before = newest(&fleet);
    fleet.by_hand("DELETE FROM routes");
    wait_until("the routers notice and refuse", LIMIT, || {
        fleet.must(&["routers"]).contains("not activated").then_some(())
    });
    let said = fleet.run(&["activate"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("routes would lose all 4 rows; --force activates it empty"), "{said:?}");
    let verified = fleet.run(&["verify"]);
    assert!(verified.code == 1 && verified.out.contains("routes would lose all 4 rows"), "{verified:?}");
    assert_eq!(newest(&fleet), before);
    assert_dials(&routers, "westcall");

    fleet.must(&["activate", "--force"]);
    for router in routers {
        // Without a single route every carrier takes every number.
        router.wait_answers(&ask(), "without routes", |answer| answer.get("gen") == (before + 1).to_string());
    }
    fleet.must(&["rollback", &before.to_string(), "--restore"]);
    for router in routers {
        router.wait_answers(&ask(), "by the generation after", |answer| {
            answer.get("gen") == (before + 2).to_string()
        });
    }
    wait_dials(&routers, "westcall");
    assert_eq!(fleet.by_hand("SELECT count(*) FROM routes"), "4");
}
