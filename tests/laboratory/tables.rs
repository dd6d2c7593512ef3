//! The routing data of the laboratory, as a file for `dialplane import`.
//!
//! Every story has called numbers of its own: 447700900 (a range no subscriber has), two digits that choose the
//! carriers and their order, one digit for node and story.

use std::{fmt::Write, process::Command};

use crate::{
    asterisk::{Driver, PLANS},
    carriers::{CARRIERS, Carrier},
    phones::PHONES,
    pool::{Answered, GATES, MANAGERS, POOL, customer},
    process::finish,
    router,
};

/// The carriers a called number is offered to, in this order.
#[derive(Clone, Copy, Debug)]
pub struct Journey {
    digits: &'static str,
    pub carriers: &'static [&'static str],
}

const fn journey(digits: &'static str, carriers: &'static [&'static str]) -> Journey {
    Journey { digits, carriers }
}

pub const AFTER_302: Journey = journey("02", &["refuses-302", "answers"]);
pub const AFTER_503: Journey = journey("03", &["refuses-503", "answers"]);
pub const AFTER_183_AND_503: Journey = journey("13", &["progresses-503", "answers"]);
pub const AFTER_HOSTILE_503: Journey = journey("05", &["refuses-hostilely", "answers"]);
pub const AFTER_403: Journey = journey("43", &["refuses-403", "answers"]);
pub const AFTER_408: Journey = journey("48", &["refuses-408", "answers"]);
pub const AFTER_500: Journey = journey("50", &["refuses-500", "answers"]);
pub const AFTER_404: Journey = journey("44", &["refuses-404", "answers"]);
pub const AFTER_480: Journey = journey("80", &["refuses-480", "answers"]);
pub const AFTER_486: Journey = journey("86", &["refuses-486", "answers"]);
pub const AFTER_603: Journey = journey("63", &["refuses-603", "answers"]);
pub const AFTER_RINGING: Journey = journey("12", &["rings", "answers"]);
pub const AFTER_SILENCE: Journey = journey("14", &["ignores-calls", "answers"]);
pub const AFTER_BRIEF_SILENCE: Journey = journey("16", &["ignores-briefly", "answers"]);
pub const AFTER_NOBODY: Journey = journey("15", &["ignores-everything", "answers"]);
pub const ALL_FAIL: Journey = journey("99", &["refuses-500", "refuses-403", "refuses-503"]);
pub const ANSWERED: Journey = journey("10", &["answers"]);
pub const HOSTILE: Journey = journey("66", &["answers"]);
pub const NOT_READY: Journey = journey("67", &["answers"]);
pub const WATCHED: Journey = journey("68", &["refuses-503", "answers"]);
pub const IDENTITY: Journey = journey("69", &["answers"]);
pub const OWN_POOL: Journey = journey("70", &["own-pool"]);
pub const ANY_NUMBER: Journey = journey("71", &["any-number"]);
pub const FIXED_NUMBER: Journey = journey("72", &["fixed-number"]);
pub const TARIFFS: Journey = journey("73", &["tariffs"]);
pub const REFERRED: Journey = journey("75", &["refers"]);

pub const JOURNEYS: &[Journey] = &[
    AFTER_302,
    AFTER_503,
    AFTER_183_AND_503,
    AFTER_HOSTILE_503,
    AFTER_403,
    AFTER_408,
    AFTER_500,
    AFTER_404,
    AFTER_480,
    AFTER_486,
    AFTER_603,
    AFTER_RINGING,
    AFTER_SILENCE,
    AFTER_BRIEF_SILENCE,
    AFTER_NOBODY,
    ALL_FAIL,
    ANSWERED,
    HOSTILE,
    NOT_READY,
    WATCHED,
    IDENTITY,
    OWN_POOL,
    ANY_NUMBER,
    FIXED_NUMBER,
    TARIFFS,
    REFERRED,
    // Through the gates of the pool.
    journey("20", &["gate-of-ast22"]),
    journey("21", &["gate-of-ast16"]),
    journey("22", &["gate-of-ast16p"]),
    journey("23", &["busy-gate-of-ast22", "answers"]),
    journey("24", &["busy-gate-of-ast16", "answers"]),
    journey("25", &["busy-gate-of-ast16p", "answers"]),
    journey("26", &["failing-gate-of-ast22", "answers"]),
    journey("27", &["failing-gate-of-ast16", "answers"]),
    journey("28", &["failing-gate-of-ast16p", "answers"]),
];

/// What the phones show unless their provider has another rule; leased from the provider with the pool.
pub const OWN_NUMBER: &str = "12025550101";
/// Not leased from anybody: only some providers let it be shown.
pub const FOREIGN_NUMBER: &str = "12025550150";
/// What the provider with the pool shows instead of a number that is not its own.
pub const POOL_FALLBACK: &str = "12025550109";
/// What the provider without any choice shows.
pub const FIXED: &str = "12025550190";

/// Providers with rules of their own, and the carrier each leads to.
const RULES: [(&str, &str, &str); 5] = [
    (
        "own-pool",
        "answers-too",
        "cli_allowed = true\ndynamic_calls = false\ndynamic_calls_caller_id = \"12025550109\"",
    ),
    ("any-number", "answers-too", "cli_allowed = true\ndynamic_calls = true"),
    (
        "fixed-number",
        "answers-too",
        "cli_allowed = false\ndynamic_calls = false\ndynamic_calls_caller_id = \"12025550190\"",
    ),
    (
        "tariffs",
        "answers-too",
        "cli_allowed = true\ndynamic_calls = true\ncli_prefix = \"001\"\nnoncli_prefix = \"002\"\npremcli_prefix = \"003\"",
    ),
    // Given up before the SIP timers do.
    ("ignores-briefly", "ignores-calls", "cli_allowed = true\ndynamic_calls = true"),
];

impl Journey {
    /// A called number of this journey; stories that share one differ in `story`, 0 to 2.
    pub fn number(&self, node: &str, story: usize) -> String {
        let node = PLANS.iter().position(|plan| plan.name == node).unwrap();
        format!("447700900{}{}", self.digits, story * PLANS.len() + node)
    }
}

/// What everybody may dial, and what the phone without rights is.
pub const EMERGENCY: &str = "112";
pub const WITHOUT_RIGHTS: &str = "1015";

/// The carrier whose calls ask the dissenting router.
pub(crate) const LOOPS: &str = "loops";

/// What two routers may have different data about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Nodes 22 and 16 are called over IAX2, node 16p over SIP.
    Common,
    /// Node 22 is called over SIP too, and a phone's number is answered one node further on.
    Dissenting,
}

/// The whole file.
pub(crate) fn toml(view: View) -> String {
    let mut file = Rows::default();
    file.row("currencies", "id = 1\niso = \"USD\"\nnumcode = 840\nname = \"US dollar\"");
    // One national digit more than the plan has: some stories need two to number their calls.
    file.row(
        "countries",
        "id = 1\niso = \"GB\"\nname = \"United Kingdom\"\ncalling_code = \"44\"\ntrunk_prefix = \"0\"\n\
         international_prefix = \"00\"\nnational_digits_min = 9\nnational_digits_max = 11",
    );
    providers(&mut file);
    file.row(
        "service_numbers",
        &format!("id = 1\ncountry = \"GB\"\nnumber = \"{EMERGENCY}\"\nprovider_id = {}", id_of("answers")),
    );
    for (server, plan) in (1..).zip(PLANS) {
        let over_sip = plan.name == "ast16p" || (view == View::Dissenting && plan.name == "ast22");
        let protocol = if over_sip { "SIP" } else { "IAX2" };
        let driver = if plan.driver == Driver::Pjsip { "pjsip" } else { "sip" };
        file.row(
            "servers",
            &format!(
                "id = {server}\nservername = \"{0}\"\nlocation = \"GB\"\nipaddress = \"{1}\"\n\
                 protocol = \"{protocol}\"\nsip = \"SIP/sip-{0}\"\niax2 = \"IAX2/iax-{0}\"\nsip_driver = \"{driver}\"",
                plan.name, plan.address
            ),
        );
        file.row(
            "node_tokens",
            &format!(
                "id = {server}\nserver_id = {server}\ntoken_sha256 = \"{}\"",
                sha256(&router::token(plan.name))
            ),
        );
        for (position, phone) in PHONES.iter().enumerate() {
            file.row(
                "extensions",
                &format!(
                    "id = {}\nnumber = \"{}\"\nserver_id = {server}\nendpoint = \"{}\"\nnumber_id = 1\n\
                     dial_timeout_s = 5\nenabled = {}",
                    server * 100 + position,
                    extension(plan.name, phone.name),
                    phone.name,
                    phone.name != WITHOUT_RIGHTS
                ),
            );
        }
    }
    numbers(&mut file, view);
    file.0
}

fn numbers(file: &mut Rows, view: View) {
    let mut ids = 1..;
    let mut number = |file: &mut Rows, number: &str, provider: &str, columns: &str| {
        let id = ids.next().unwrap();
        let provider = id_of(provider);
        file.row(
            "numbers",
            &format!("id = {id}\nnumber = \"{number}\"\nprovider_id = {provider}\n{columns}"),
        );
        id
    };
    number(file, OWN_NUMBER, "own-pool", "direction = \"IN/OUT\"");
    for (gate_id, gate) in (1..).zip(GATES) {
        let id = number(file, &gate.number(), gate.provider, "direction = \"OUT\"");
        file.row(
            "gates",
            &format!(
                "id = {gate_id}\nnumber_id = {id}\nserver_id = {}\ngatename = \"{}\"\ngatenumber = \"{}\"",
                server(gate.node),
                gate.carrier,
                gate.number()
            ),
        );
    }
    for plan in PLANS {
        let here = server(plan.name);
        for leased in POOL {
            let dissenting = view == View::Dissenting && leased.answered == Answered::Phone("1010");
            let (home, provider) =
                if dissenting { (here % PLANS.len() + 1, LOOPS) } else { (here, leased.provider) };
            let columns = format!("server_id = {home}\n{}", leased.columns);
            let id = number(file, &leased.number(plan.name), provider, &columns);
            answered(file, id, plan.name, leased.answered);
        }
        for (position, manager) in MANAGERS.into_iter().enumerate() {
            file.row(
                "customers",
                &format!(
                    "id = {}\nnumber = \"{}\"\nextension_id = {}",
                    here * 10 + position,
                    customer(plan.name, manager),
                    extension_id(plan.name, manager)
                ),
            );
        }
    }
}

fn answered(file: &mut Rows, number: usize, node: &str, place: Answered) {
    let columns = match place {
        Answered::Nowhere => return,
        Answered::Phone(phone) => format!("extension_id = {}", extension_id(node, phone)),
        Answered::GroupOf(phone) => {
            file.row("ring_groups", &format!("id = {number}\nname = \"{node}\"\nstrategy = \"all\""));
            file.row(
                "ring_group_members",
                &format!(
                    "id = {number}\nring_group_id = {number}\nextension_id = {}",
                    extension_id(node, phone)
                ),
            );
            format!("ring_group_id = {number}")
        }
        Answered::Place(context, exten) => format!("context = \"{context}\"\nexten = \"{exten}\""),
    };
    file.row("number_destinations", &format!("id = {number}\nnumber_id = {number}\n{columns}"));
}

/// Key of a node.
fn server(node: &str) -> usize {
    1 + PLANS.iter().position(|plan| plan.name == node).unwrap()
}

/// Key of a phone.
fn extension_id(node: &str, phone: &str) -> usize {
    server(node) * 100 + PHONES.iter().position(|row| row.name == phone).unwrap()
}

/// What colleagues dial to reach a phone: the same phone of another node has another number.
pub fn extension(node: &str, phone: &str) -> String {
    let node = PLANS.iter().position(|plan| plan.name == node).unwrap();
    format!("{}{phone}", node + 2)
}

fn providers(file: &mut Rows) {
    for carrier in CARRIERS {
        let rules = "cli_allowed = true\ndynamic_calls = true";
        provider(file, carrier.name, rules, carrier.name, &carrier.address());
    }
    for (name, carrier, rules) in RULES {
        provider(file, name, rules, carrier, &Carrier::named(carrier).address());
    }
    for gate in GATES {
        let rules = format!(
            "cli_allowed = true\ndynamic_calls = false\ndynamic_calls_caller_id = \"{}\"",
            gate.number()
        );
        provider(file, gate.provider, &rules, gate.carrier, &gate.address());
    }
    let mut route = 0;
    for journey in JOURNEYS {
        for (place, carrier) in journey.carriers.iter().enumerate() {
            route += 1;
            let (provider, priority) = (id_of(carrier), 10 * (place + 1));
            file.row(
                "routes",
                &format!(
                    "id = {route}\nprovider_id = {provider}\nprefix = \"447700900{}\"\npriority = {priority}",
                    journey.digits
                ),
            );
        }
    }
}

fn provider(file: &mut Rows, name: &str, rules: &str, endpoint: &str, address: &str) {
    let id = id_of(name);
    file.row(
        "providers",
        &format!(
            "id = {id}\nprovidername = \"{name}\"\ncurrency_id = 1\nappend_plus = false\nsells_outgoing = {}\n\
             dial_timeout_s = {}\n{rules}",
            // Without any route a provider would take every number.
            JOURNEYS.iter().any(|journey| journey.carriers.contains(&name)),
            if ["rings", "ignores-briefly"].contains(&name) { 3 } else { 60 },
        ),
    );
    file.row(
        "provider_addresses",
        &format!(
            "id = {id}\nprovider_id = {id}\ndomainname = \"{address}\"\nipaddress = \"{address}\"\n\
             endpoint = \"{endpoint}\"\ndirection = \"{}\"\nproto = \"SIP\"\nenabled = {}",
            if name.starts_with("leases") || name == LOOPS { "IN/OUT" } else { "OUT" },
            name != "unlisted"
        ),
    );
}

fn id_of(provider: &str) -> usize {
    let names = CARRIERS.iter().map(|carrier| carrier.name).chain(RULES.iter().map(|(name, ..)| *name));
    let names = names.chain(GATES.iter().map(|gate| gate.provider));
    1 + names
        .into_iter()
        .position(|name| name == provider)
        .unwrap_or_else(|| panic!("no provider {provider}"))
}

fn sha256(text: &str) -> String {
    let shell = format!("printf %s '{text}' | sha256sum");
    let output = finish(Command::new("sh").args(["-c", &shell])).stdout;
    String::from_utf8_lossy(&output).split_whitespace().next().unwrap().to_owned()
}

#[derive(Default)]
struct Rows(String);

impl Rows {
    fn row(&mut self, table: &str, columns: &str) {
        write!(self.0, "[[{table}]]\n{columns}\n\n").unwrap();
    }
}
