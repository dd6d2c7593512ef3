//! The phones of ours, and calls they place.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use crate::{
    Running,
    asterisk::Plan,
    carriers::Answer,
    scenario,
    sipp::{self, Endpoint, Message},
    tables,
};

/// A phone every node knows, with the channel variables its section sets.
#[derive(Clone, Copy, Debug)]
pub struct Phone {
    pub name: &'static str,
    pub variables: &'static [&'static str],
}

pub const SECRET: &str = "lab-secret";

/// Call and process: nothing that would have to be escaped where a transfer names a call.
const CALL_ID: &str = "%u-%p";

pub const PHONES: &[Phone] = &[
    Phone { name: "1001", variables: &[] },
    // A phone that may show a number of its own choice.
    Phone { name: "1002", variables: &["DP_CLI=+12025550150"] },
    Phone { name: "1003", variables: &["DP_CLASS=premium"] },
    Phone { name: "1004", variables: &["DP_CLASS=noncli"] },
    // The phones of the hostile stories.
    Phone { name: "1005", variables: &[] },
    Phone { name: "1006", variables: &[] },
    // Watched over AMI.
    Phone { name: "1007", variables: &[] },
    // Registers and is called.
    Phone { name: "1008", variables: &[] },
    // Registered as soon as a story calls them: answer, are busy, answer in a group, are reached at two places.
    Phone { name: "1010", variables: &[] },
    Phone { name: "1011", variables: &[] },
    Phone { name: "1012", variables: &[] },
    Phone { name: "1013", variables: &[] },
    // Whose calls are looked for in the records.
    Phone { name: "1030", variables: &[] },
    // Whose calls are looked for in the decisions.
    Phone { name: "1031", variables: &[] },
    // Registers what no phone registers.
    Phone { name: "1014", variables: &[] },
    // Has no rights at all.
    Phone { name: tables::WITHOUT_RIGHTS, variables: &[] },
    // Call once over HTTP and once over FastAGI.
    Phone { name: "1021", variables: &[] },
    Phone { name: "1022", variables: &[] },
    Phone { name: "1023", variables: &[] },
    Phone { name: "1024", variables: &[] },
    // Asks the router that disagrees with the others' one.
    Phone { name: "1016", variables: &["DP_ROUTER1=http://127.0.0.1:8064"] },
    // Nothing listens there.
    Phone { name: "1090", variables: &["DP_ROUTER1=http://127.0.0.1:8061"] },
    // The router of the story that stops it.
    Phone { name: "1091", variables: &["DP_ROUTER1=http://127.0.0.1:8062"] },
    // Two routers of that story.
    Phone {
        name: "1095",
        variables: &["DP_ROUTER1=http://127.0.0.1:8062", "DP_ROUTER2=http://127.0.0.1:8065"],
    },
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
    // The routers of the stories that take the database and the bus away.
    Phone { name: "1096", variables: &["DP_ROUTER1=http://127.0.0.1:8066"] },
    Phone { name: "1097", variables: &["DP_ROUTER1=http://127.0.0.1:8067"] },
    Phone { name: "1098", variables: &["DP_ROUTER1=http://127.0.0.1:8068"] },
    Phone { name: "1099", variables: &["DP_ROUTER1=http://127.0.0.1:8069"] },
];

/// One call of a phone.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub node: &'a Plan,
    pub phone: &'a str,
    /// The user part of the request URI, written as it stands.
    pub to: &'a str,
    /// What stands behind the request URI, `;line=…` of a registered contact.
    pub parameters: String,
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
    pub then: Then<'a>,
}

/// What a phone does once it has talked.
#[derive(Clone, Copy, Debug)]
pub enum Then<'a> {
    HangUp,
    /// Stays until the other side hangs up, however long it has talked.
    Stay,
    /// Transfers the other side to this number.
    Refer(&'a str),
    /// Calls this number, and has the two others talk to each other.
    Attend(&'a str),
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
            parameters: String::new(),
            from: None,
            headers: vec![],
            secret: Some(SECRET),
            address: None,
            talk: Duration::from_millis(100),
            then: Then::HangUp,
        }
    }

    /// Places the call and returns when it is over.
    pub fn place(&self) -> Outcome {
        self.place_at_once(1)
    }

    /// Places it so many times within a fraction of a second.
    pub fn place_at_once(&self, count: u16) -> Outcome {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let index = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("phone-{}-{index}", self.phone);
        let address = self.address.clone().unwrap_or_else(|| format!("198.51.100.{}", 2 + index % 200));
        let endpoint = Endpoint { name: &name, address: &address, port: 6000 + index };
        let (count, talk_ms) = (count.to_string(), self.talk.as_millis().to_string());
        let target = self.node.target(&address);
        let mut process = sipp::start(
            &endpoint,
            &scenario::phone(self),
            &[
                &["-m", &count, "-l", &count, "-r", "100", "-d", &talk_ms, "-cid_str", CALL_ID],
                &["-timeout", "25", "-timeout_error", &target][..],
            ]
            .concat(),
        );
        process.wait(Duration::from_secs(30));
        Outcome { messages: sipp::messages(&name) }
    }
}

/// Has a phone registered with a node from now on, and behave like this there.
pub fn register(node: &Plan, phone: &str, answer: Answer) {
    register_as(node, phone, phone, answer);
}

/// The same with a user part of the contact that the phone makes up.
pub fn register_as(node: &Plan, phone: &str, user: &str, answer: Answer) {
    static REGISTERED: Mutex<BTreeMap<String, Running>> = Mutex::new(BTreeMap::new());
    let name = registered(node, phone, user);
    let mut registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
    if registered.contains_key(&name) {
        return;
    }
    let port = 20_000 + u16::try_from(registered.len()).unwrap();
    let address = "198.51.100.250";
    let (once, target) = (format!("{name}-once"), format!("{}:5060", node.address));
    let registrar = Endpoint { name: &once, address, port };
    let contact = format!("{user}@{address}:{port}");
    let scenario = scenario::registration(phone, SECRET, &contact);
    let mut registration = sipp::start(&registrar, &scenario, &["-m", "1", "-timeout", "10", &target]);
    assert!(registration.wait(Duration::from_secs(15)).success(), "{phone} registers with {}", node.name);
    // From the same port: nodes look for a phone where its registration came from.
    let endpoint = Endpoint { name: &name, address, port };
    let running = sipp::start(&endpoint, &scenario::carrier(answer), &[]);
    registered.insert(name.clone(), running);
}

/// Tries to register a contact that is no phone's. Whether the node takes it is the node's affair.
pub fn try_contact(node: &Plan, phone: &str, contact: &str) {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let index = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("registrar-{phone}-{index}");
    let endpoint = Endpoint { name: &name, address: "198.51.100.251", port: 20_000 + index };
    let scenario = scenario::registration(phone, SECRET, contact);
    let target = format!("{}:5060", node.address);
    let mut registrar = sipp::start(&endpoint, &scenario, &["-m", "1", "-timeout", "10", &target]);
    registrar.wait(Duration::from_secs(15));
}

fn registered(node: &Plan, phone: &str, user: &str) -> String {
    let user: String = user.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("registered-{phone}-{user}-{}", node.name)
}

/// The INVITEs a registered phone received from a caller whose number or name holds this text.
pub fn rung(node: &Plan, phone: &str, caller: &str) -> Vec<Message> {
    rung_as(node, phone, phone, caller)
}

/// The same where the contact's user part is another one.
pub fn rung_as(node: &Plan, phone: &str, user: &str, caller: &str) -> Vec<Message> {
    let wanted = |message: &Message| {
        message.received
            && message.method() == Some("INVITE")
            && message.header("From").is_some_and(|from| from.contains(caller))
    };
    sipp::messages(&registered(node, phone, user)).into_iter().filter(wanted).collect()
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

    /// The last one, when it was first sent.
    pub fn invite(&self) -> &Message {
        let mut invites =
            self.messages.iter().filter(|message| !message.received && message.method() == Some("INVITE"));
        let last = invites.clone().next_back().unwrap();
        invites.find(|invite| invite.header("CSeq") == last.header("CSeq")).unwrap()
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
