//! What the node reports about each attempt, without the call waiting for it.

use laboratory::{ami::Ami, node, phones::Call, tables};
use libtest_mimic::Trial;

use super::on_every_node;

const PHONE: &str = "1007";

pub(crate) fn trials() -> Vec<Trial> {
    on_every_node("reports::one_event_for_each_attempt", |name| {
        let node = node(name);
        let mut ami = Ami::connect(&node.plan);
        let outcome = Call::new(&node.plan, PHONE, &tables::WATCHED.number(name, 0)).place();
        assert_eq!(outcome.status(), 200);

        let caller = format!("/{PHONE}-");
        let first = ami
            .until(|event| event.value("Event") == "Newchannel" && event.value("Channel").contains(&caller));
        let call = first.value("Linkedid").to_owned();
        let mut report =
            || ami.until(|event| event.value("UserEvent") == "Dialplane" && event.value("Linkedid") == call);
        let (failed, answered) = (report(), report());

        let said =
            |headers: [&'static str; 4]| headers.map(|header| (failed.value(header), answered.value(header)));
        assert_eq!(
            said(["Att", "Sip", "Cause", "Dialstatus"]),
            [("1", "2"), ("503", "200"), ("34", "16"), ("", "ANSWER")]
        );
        assert!(!failed.value("Id").is_empty());
        assert_eq!(failed.value("Id"), answered.value("Id"), "one decision");
        assert_eq!(failed.value("Root"), failed.value("Id"), "of a call that came over no hop");
        // The same on every other event of the leg, for whoever does not read ours.
        assert_eq!((answered.variable("DP_ID"), answered.variable("DP_N")), (answered.value("Id"), "2"));
        assert_eq!(answered.variable("DP_VERB"), "outbound", "the called leg knows what was asked");
    })
}
