//! Calls between phones of one node.

use laboratory::{
    carriers::Answer,
    node,
    phones::{self, Call},
    tables,
};
use libtest_mimic::Trial;

use super::on_every_node;

pub(crate) fn trials() -> Vec<Trial> {
    let rings = on_every_node("local::a_registered_phone_rings", |name| {
        let node = node(name);
        phones::register(&node.plan, "1008", Answer::Answers);
        let outcome = Call::new(&node.plan, "1001", &tables::extension(name, "1008")).place();
        assert_eq!((outcome.status(), outcome.provisional()), (200, vec![180]));
        let invites = phones::rung(&node.plan, "1008", "");
        assert_eq!(invites.len(), 1);
        // A colleague sees the extension, and the name of the caller's own section.
        let from = invites[0].header("From").unwrap();
        assert!(from.contains(&format!("sip:{}@", tables::extension(name, "1001"))), "{from}");
        assert!(from.contains("1001\""), "{from}");
    });
    let absent = on_every_node("local::a_phone_that_is_not_there", |name| {
        let outcome = Call::new(&node(name).plan, "1001", &tables::extension(name, "1003")).place();
        assert_eq!((outcome.status(), outcome.cause()), (480, Some(20)));
    });
    rings.into_iter().chain(absent).collect()
}
