//! Trunks of one carrier that register: the carrier calls the contact it was given, not a number.

use std::time::Duration;

use laboratory::{
    asterisk::{Driver, Node},
    carriers::{Answer, Carrier},
    node,
    phones::{self, Call},
    pool::{LOGINS, Login},
    sipp::Message,
    wait_until,
};
use libtest_mimic::Trial;

use super::{inbound::asked, on_every_node};

/// Who answers the number of each login, and who calls it.
const ANSWERED_BY: [(&str, &str); 2] = [("1010", "12025550151"), ("1012", "12025550152")];

pub(crate) fn trials() -> Vec<Trial> {
    on_every_node("trunks::each_login_is_its_own_number", |name| {
        let node = node(name);
        for (login, (phone, caller)) in LOGINS.iter().zip(ANSWERED_BY) {
            phones::register(&node.plan, phone, Answer::Answers);
            assert_eq!(calls(node, login, caller), 200, "{}", login.name);
        }
        for (login, (phone, caller)) in LOGINS.iter().zip(ANSWERED_BY) {
            assert_eq!(phones::rung(&node.plan, phone, caller).len(), 1, "{} rings {phone}", login.name);
            let channel = format!("/{}-", login.name);
            assert!(node.log().contains(&channel), "it arrived in a section of its own");
        }
        for (_, caller) in ANSWERED_BY {
            let everywhere = ["1010", "1012"].map(|phone| phones::rung(&node.plan, phone, caller).len());
            assert_eq!(everywhere.iter().sum::<usize>(), 1, "and nobody else's");
        }
    })
}

/// A call of the carrier to where this login is registered.
fn calls(node: &Node, login: &Login, caller: &str) -> u16 {
    let carrier = Carrier::named("registrar");
    let (user, parameters) = contact(node, login);
    if node.plan.driver == Driver::Pjsip {
        assert_eq!(user, login.pjsip_user);
    }
    let mut call = Call::new(&node.plan, carrier.name, &user);
    call.secret = None;
    call.parameters = parameters;
    call.from = Some(format!("<sip:+{caller}@{}>", carrier.address()));
    call.address = Some(carrier.address());
    asked(|| call.place()).status()
}

/// User and parameters of the contact in the last registration that showed a password.
fn contact(node: &Node, login: &Login) -> (String, String) {
    let is_one = |message: &Message| {
        message.method() == Some("REGISTER")
            && message.header("Authorization").is_some_and(|proof| proof.contains(login.name))
            && message.header("Via").is_some_and(|via| via.contains(node.plan.address))
    };
    let what = format!("{} registers {}", node.plan.name, login.name);
    let registration = wait_until(&what, Duration::from_secs(30), || {
        Carrier::named("registrar").received().into_iter().rfind(is_one)
    });
    let contact = registration.header("Contact").unwrap();
    let uri = contact.split(['<', '>']).nth(1).unwrap().strip_prefix("sip:").unwrap();
    let (user, host) = uri.split_once('@').unwrap();
    let parameters = host.split_once(';').map_or(String::new(), |(_, parameters)| format!(";{parameters}"));
    (user.to_owned(), parameters)
}
