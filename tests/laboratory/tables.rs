//! The routing data of the laboratory, as a file for `dialplane import`.

mod journeys;

use std::{fmt::Write, process::Command};

pub use journeys::*;

use crate::{
    asterisk::{Driver, PLANS},
    carriers::{CARRIERS, Carrier},
    phones::PHONES,
    pool::{Answered, CUSTOMERS, GATES, LOGINS, POOL},
    process::finish,
    router,
};

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

/// What everybody may dial, and what the phone without rights is.
pub const EMERGENCY: &str = "112";
/// All of them; each of the others belongs to one story that is told twice.
pub const EMERGENCIES: [&str; 4] = [EMERGENCY, "101", "105", "999"];
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

/// What all routers agree on, as a file.
pub fn common() -> String {
    toml(View::Common)
}

/// The whole file.
pub(crate) fn toml(view: View) -> String {
    let mut file = Rows::default();
    file.row("currencies", "id = 1\niso = \"USD\"\nnumcode = 840\nname = \"US dollar\"");
    // Two national digits more than the plan has: some stories need three to number their calls.
    file.row(
        "countries",
        "id = 1\niso = \"GB\"\nname = \"United Kingdom\"\ncalling_code = \"44\"\ntrunk_prefix = \"0\"\n\
         international_prefix = \"00\"\nnational_digits_min = 9\nnational_digits_max = 12",
    );
    providers(&mut file);
    for (id, number) in (1..).zip(EMERGENCIES) {
        let provider = id_of("answers");
        let row = format!("id = {id}\ncountry = \"GB\"\nnumber = \"{number}\"\nprovider_id = {provider}");
        file.row("service_numbers", &row);
    }
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
            for (position, login) in LOGINS.iter().enumerate().filter(|(_, login)| login.number == leased) {
                let (gate, name) = (100 * here + position, login.name);
                file.row(
                    "gates",
                    &format!(
                        "id = {gate}\nnumber_id = {id}\nserver_id = {here}\ngatename = \"{name}\"\n\
                         gatenumber = \"{}\"",
                        leased.number(plan.name)
                    ),
                );
            }
        }
        for (position, customer) in CUSTOMERS.into_iter().enumerate() {
            file.row(
                "customers",
                &format!(
                    "id = {}\nnumber = \"{}\"\nextension_id = {}",
                    here * 10 + position,
                    customer.number(plan.name),
                    extension_id(plan.name, customer.manager)
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
        provider(file, carrier.name, rules, carrier);
    }
    for (name, carrier, rules) in RULES {
        provider(file, name, rules, Carrier::named(carrier));
    }
    for gate in GATES {
        let rules = format!(
            "cli_allowed = true\ndynamic_calls = false\ndynamic_calls_caller_id = \"{}\"",
            gate.number()
        );
        provider(file, gate.provider, &rules, Carrier::named(gate.carrier));
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

fn provider(file: &mut Rows, name: &str, rules: &str, carrier: &Carrier) {
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
            "id = {id}\nprovider_id = {id}\ndomainname = \"{}\"\nipaddress = \"{}\"\n\
             endpoint = \"{}\"\ndirection = \"{}\"\nproto = \"SIP\"\nenabled = {}",
            carrier.address(),
            carrier.listed(),
            carrier.name,
            if name == carrier.name && carrier.may_call() { "IN/OUT" } else { "OUT" },
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

pub(crate) fn sha256(text: &str) -> String {
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
