//! A row nobody can answer by: it is named wherever somebody may look, and changes nothing. Once it is mended, what
//! waited behind it goes live by itself.

use laboratory::fleet::{Fleet, LIMIT, Member, Said};
use laboratory::wait_until;
use libtest_mimic::Trial;

use super::{assert_dials, name_gate, newest, on_every_database, wait_dials, with_article};

pub(crate) fn trials() -> Vec<Trial> {
    let compile = on_every_database("bad_rows::one_that_does_not_compile", |url| {
        told(
            url,
            &Bad {
                spoil: |fleet| fleet.run(&["rows", "set", "routes", "4", "provider_id=8"]),
                mend: |fleet| drop(fleet.run(&["rows", "set", "routes", "4", "provider_id=11"])),
                named: ["routes", "4", "provider_id, prefix, class"],
            },
        );
    });
    let lint = on_every_database("bad_rows::one_that_is_surely_wrong", |url| {
        told(
            url,
            &Bad {
                spoil: |fleet| fleet.run(&["rows", "set", "provider_addresses", "2", "ipaddress=94.0.0.0/7"]),
                mend: |fleet| {
                    drop(fleet.run(&["rows", "set", "provider_addresses", "2", "ipaddress=95.211.119.240"]));
                },
                named: ["provider_addresses", "2", "network-too-wide"],
            },
        );
    });
    let cell = on_every_database("bad_rows::one_with_an_impossible_cell", |url| {
        told(
            url,
            &Bad {
                spoil: |fleet| {
                    fleet.by_hand("UPDATE providers SET stop_rule = 'never' WHERE id = 7");
                    // An edit of a neighbour, by which the row is read again.
                    fleet.run(&["rows", "set", "providers", "8", "dial_timeout_s=50"])
                },
                mend: |fleet| drop(fleet.by_hand("UPDATE providers SET stop_rule = NULL WHERE id = 7")),
                named: ["providers", "7", "stop_rule"],
            },
        );
    });
    [compile, lint, cell].into_iter().flatten().collect()
}

struct Bad {
    /// Ends with a command that cannot go live.
    spoil: fn(&Fleet) -> Said,
    mend: fn(&Fleet),
    /// Table, key and what is wrong, as everybody is told.
    named: [&'static str; 3],
}

fn told(url: &str, bad: &Bad) {
    let fleet = with_article(Fleet::on(url).with("GENERATIONS__SCAN_S", "1"));
    let (one, two) = (fleet.router("one"), fleet.router("two"));
    let routers = [&one, &two];
    wait_dials(&routers, "westcall");
    let before = newest(&fleet);

    let said = (bad.spoil)(&fleet);
    assert!(said.code == 1 || said.code == 2, "{said:?}");
    names(bad, &said.err);
    let verified = fleet.run(&["verify"]);
    assert!(verified.code == 1 || verified.code == 2, "{verified:?}");
    names(bad, &(verified.out + &verified.err));
    one_of_them_says_so(&fleet, &routers);
    // Behind it waits what is good.
    assert_ne!(name_gate(&fleet, "meanwhile").code, 0);
    assert_eq!(newest(&fleet), before);
    assert_dials(&routers, "westcall");

    (bad.mend)(&fleet);
    wait_dials(&routers, "meanwhile");
    for router in routers {
        router.wait_content();
    }
    assert_eq!(fleet.run(&["verify"]).code, 0);
}

fn names(bad: &Bad, text: &str) {
    for word in bad.named {
        assert!(text.contains(word), "{word} is not in {text:?}");
    }
}

/// The router that tried says it where it is asked, and to all others.
fn one_of_them_says_so(fleet: &Fleet, routers: &[&Member]) {
    wait_until("a router says that edits are not activated", LIMIT, || {
        let says = |router: &&Member| {
            router.readyz().is_some_and(|(code, text)| code == 200 && text.contains("edits: "))
        };
        (routers.iter().any(says) && fleet.must(&["routers"]).contains("edits: ")).then_some(())
    });
}
