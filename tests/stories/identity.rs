//! Who calls is who authenticated, never what the caller wrote.

use laboratory::{
    carriers::Carrier,
    node,
    phones::Call,
    tables::{self, FOREIGN_NUMBER, OWN_NUMBER},
};
use libtest_mimic::Trial;

use super::{inbound::asked, on_every_node};

pub(crate) fn trials() -> Vec<Trial> {
    // 1002 may show a foreign number; 1001 tries to be taken for it.
    let impostor = on_every_node("identity::another_phones_name_in_from", |name| {
        let called = tables::ANY_NUMBER.number(name, 0);
        let before = Carrier::named("answers-too").invites(&called).len();
        let number = tables::IDENTITY.number(name, 0);
        let mut call = Call::new(&node(name).plan, "1001", &number);
        call.from = Some("\"1002\" <sip:1002@192.0.2.1>".into());
        let status = call.place().status();
        let shown = Carrier::named("answers").invites(&number);
        assert_eq!(shown.len(), usize::from(status == 200));
        for invite in shown {
            assert!(
                invite.header("From").unwrap().contains(OWN_NUMBER) && !invite.text.contains(FOREIGN_NUMBER)
            );
        }
        assert_eq!(Carrier::named("answers-too").invites(&called).len(), before);
    });
    let wrong = on_every_node("identity::a_wrong_password_calls_nobody", |name| {
        refused(name, |call| call.secret = Some("guessed"), &[401, 403]);
    });
    let stranger = on_every_node("identity::a_stranger_calls_nobody", |name| {
        refused(name, |call| (call.secret, call.phone) = (None, "1999"), &[401, 403]);
    });
    // What a carrier calls is a number of ours or nothing: it cannot call out through us.
    let carrier = on_every_node("identity::a_carrier_cannot_call_out", |name| {
        refused(
            name,
            |call| {
                call.secret = None;
                call.from = Some("<sip:12025550150@203.0.113.10>".into());
                call.address = Some(Carrier::named("answers").address());
            },
            &[403, 404, 500, 503, 603],
        );
    });
    [impostor, wrong, stranger, carrier].into_iter().flatten().collect()
}

fn refused(name: &str, change: impl FnOnce(&mut Call<'_>), with: &[u16]) {
    let number = tables::IDENTITY.number(name, 1);
    let mut call = Call::new(&node(name).plan, "1001", &number);
    change(&mut call);
    let status = asked(|| call.place()).status();
    assert!(with.contains(&status), "{status}");
    assert!(Carrier::named("answers").invites(&number).is_empty());
}
