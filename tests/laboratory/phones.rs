//! The phones of ours, and calls they place.

use std::{
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use crate::{
    Running,
    asterisk::Plan,
    carriers::Answer,
    scenario,
    sipp::{self, Endpoint, Message},
};

/// A phone every node knows, with the channel variables its section sets.
#[derive(Clone, Copy, Debug)]
pub struct Phone {
    pub name: &'static str,
    pub variables: &'static [&'static str],
}

pub const SECRET: &str = "lab-secret";

pub const PHONES: &[Phone] = &[
    Phone { name: "1001", variables: &[] },
    // A phone that may show a number of its own choice.
    Phone { name: "1002", variables: &["DP_CLI=12025550150"] },
    Phone { name: "1003", variables: &["DP_CLASS=premium"] },
    Phone { name: "1004", variables: &["DP_CLASS=noncli"] },
    // The phones of the hostile stories.
    Phone { name: "1005", variables: &[] },
    Phone { name: "1006", variables: &[] },
    // Watched over AMI.
    Phone { name: "1007", variables: &[] },
    // Registers and is called.
    Phone { name: "1008", variables: &[] },
    // Nothing listens there.
    Phone { name: "1090", variables: &["DP_ROUTER1=http://127.0.0.1:8061"] },
    // The router of the story that stops it.
    Phone { name: "1091", variables: &["DP_ROUTER1=http://127.0.0.1:8062"] },
    // The scripted router, alone and before the real one.
    Phone { name: "1093", variables: &["DP_ROUTER1=http://127.0.0.1:8063"] },
    Phone {
        name: "1094",
        variables: &["DP_ROUTER1=http://127.0.0.1:8063", "DP_ROUTER2=http://127.0.0.1:8060"],
    },
    // The first router is down, the second is not.
    Phone {
        name: "1092",
        variables: &["DP_ROUTER1=http://127.0.0.1:8061", "DP_ROUTER2=http://127.0.0.1:8060"],
    },
];

/// One call of a phone.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub node: &'a Plan,
    pub phone: &'a str,
    /// The user part of the request URI, written as it stands.
    pub to: &'a str,
    /// The whole From value up to the tag; the phone's own by default.
    pub from: Option<String>,
    /// Header lines the phone adds.
    pub headers: Vec<String>,
    /// What it authenticates with, if it is challenged at all.
    pub secret: Option<&'a str>,
    /// Where it calls from; an address of its own by default.
    pub address: Option<String>,
    /// How long the phone stays on the line once answered.
    pub talk: Duration,
}

/// What a phone saw of its call.
#[derive(Debug)]
pub struct Outcome {
    pub messages: Vec<Message>,
}

impl<'a> Call<'a> {
    pub fn new(node: &'a Plan, phone: &'a str, to: &'a str) -> Self {
        Self {
            node,
            phone,
            to,
            from: None,
            headers: vec![],
            secret: Some(SECRET),
            address: None,
            talk: Duration::from_millis(100),
        }
    }

    /// Places the call and returns when it is over.
    pub fn place(&self) -> Outcome {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let index = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("phone-{}-{index}", self.phone);
        let address = self.address.clone().unwrap_or_else(|| format!("198.51.100.{}", 2 + index % 200));
        let endpoint = Endpoint { name: &name, address: &address, port: 6000 + index };
        let talk_ms = self.talk.as_millis().to_string();
        let target = format!("{}:5060", self.node.address);
        let mut process = sipp::start(
            &endpoint,
            &scenario::phone(self),
            &["-m", "1", "-d", &talk_ms, "-timeout", "25", "-timeout_error", &target],
        );
        process.wait(Duration::from_secs(30));
        Outcome { messages: sipp::messages(&name) }
    }
}

/// Registers a phone with a node, and lets it answer there from now on.
pub fn register(node: &Plan, phone: &str, host: u8) -> Running {
    let (name, address) = (format!("registered-{phone}-{}", node.name), format!("198.51.100.{host}"));
    let endpoint = Endpoint { name: &name, address: &address, port: 5060 };
    let running = sipp::start(&endpoint, &scenario::carrier(Answer::Answers), &[]);
    sipp::wait_for_sockets([address.clone()].into_iter());
    let (name, target) = (format!("{name}-once"), format!("{}:5060", node.address));
    let registrar = Endpoint { name: &name, address: &address, port: 5070 };
    let scenario = scenario::registration(phone, SECRET, &format!("{address}:5060"));
    let mut registration = sipp::start(&registrar, &scenario, &["-m", "1", "-timeout", "10", &target]);
    assert!(registration.wait(Duration::from_secs(15)).success(), "{phone} registers with {}", node.name);
    running
}

/// The INVITEs a registered phone received.
pub fn invites_of_registered(node: &Plan, phone: &str) -> Vec<Message> {
    let messages = sipp::messages(&format!("registered-{phone}-{}", node.name));
    messages.into_iter().filter(|message| message.received && message.method() == Some("INVITE")).collect()
}

impl Outcome {
    /// The final response to the authenticated INVITE.
    pub fn status(&self) -> u16 {
        self.last_response().status().unwrap()
    }

    /// The Q.850 cause the node gave with it.
    pub fn cause(&self) -> Option<u16> {
        let reason = self.last_response().header("Reason")?;
        reason.split("cause=").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }

    /// From the INVITE that was not challenged any more to its final response.
    pub fn duration(&self) -> Duration {
        self.last_response().at.saturating_sub(self.invite().at)
    }

    pub fn invite(&self) -> &Message {
        self.messages.iter().rfind(|message| !message.received && message.method() == Some("INVITE")).unwrap()
    }

    /// The provisional responses the phone saw, in order.
    pub fn provisional(&self) -> Vec<u16> {
        let statuses = self.messages.iter().filter(|message| message.received).filter_map(Message::status);
        statuses.filter(|status| (101..200).contains(status)).collect()
    }

    fn last_response(&self) -> &Message {
        let final_to_invite = |message: &&Message| {
            message.received
                && message.status().is_some_and(|status| status >= 200)
                && message.header("CSeq").is_some_and(|cseq| cseq.ends_with("INVITE"))
        };
        self.messages
            .iter()
            .rfind(final_to_invite)
            .unwrap_or_else(|| panic!("no answer: {:#?}", self.messages))
    }
}
