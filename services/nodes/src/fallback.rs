//! The dialplan for the minutes in which no router answers: emergency numbers, the node's own phones, one gate with a
//! fixed caller id, and the phones behind the node's own numbers. Nothing clever: it has to be right without anybody.

use std::fmt::{self, Write};

use domain::{Digits, E164, ExtensionId, NodeName, RingGroupId, SipDriver};
use routing::{
    Generation, NoTrace, Outcome, Request, Snapshot, Verb, decide,
    tables::{Country, Extension, Gate, NumberDestination, Provider, Server, Tables},
};

use crate::{NodesError, server};

/// Most numbers that get a line of their own; the others are refused like unknown ones.
pub const FALLBACK_NUMBERS_MAX: usize = 10_000;

/// The include file of a node.
pub fn fallback(tables: &Tables, snapshot: &Snapshot, node: &NodeName) -> Result<String, NodesError> {
    let me = server(tables, node)?;
    let mut file = File { text: String::new(), tables, snapshot, me };
    file.head();
    file.outbound();
    file.inbound();
    Ok(file.text)
}

struct File<'t> {
    text: String,
    tables: &'t Tables,
    snapshot: &'t Snapshot,
    me: &'t Server,
}

impl<'t> File<'t> {
    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn head(&mut self) {
        let generation: &Generation = self.snapshot.generation();
        let node = &self.me.servername;
        self.line(format_args!("; What {node} does when no router answers. Generation {generation}."));
        self.line(format_args!("; Written by `dialplane fallback export`; changes here are lost."));
    }

    fn outbound(&mut self) {
        self.line(format_args!("\n[dialplane-fallback-outbound]"));
        self.emergency();
        self.phones();
        self.one_gate();
        self.line(format_args!("exten => _[+0-9].,1,Hangup(38)"));
        self.line(format_args!("exten => h,1,NoOp()"));
    }

    /// The router's own answer for these numbers, written down.
    fn emergency(&mut self) {
        let numbers = self.tables.service_numbers.iter().filter(|row| row.country == self.me.location);
        let mut numbers: Vec<Digits> = numbers.map(|row| row.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let attempts = self.emergency_attempts(number);
            self.line(format_args!("exten => {number},1,NoOp()"));
            for (string, shown) in attempts {
                self.identity(&shown);
                self.line(format_args!(" same => n,Dial({string},60,i)"));
            }
            self.line(format_args!(" same => n,Hangup(34)"));
        }
    }

    /// What a carrier learns of the caller: never the phone's name, and a withheld number stays withheld.
    fn identity(&mut self, number: &str) {
        self.line(format_args!(" same => n,Set(CALLERID(num)={number})"));
        self.line(format_args!(" same => n,Set(CALLERID(name)=)"));
        let pres = "${IF($[\"${DP_PRES:0:7}\"=\"allowed\"]?allowed:prohib)}_passed_screen";
        self.line(format_args!(" same => n,Set(CALLERID(pres)={pres})"));
    }

    /// Dial strings with the number each shows.
    fn emergency_attempts(&self, number: Digits) -> Vec<(String, String)> {
        let request = Request {
            verb: Verb::Outbound,
            node: &self.me.servername,
            call: "",
            endpoint: "",
            source: None,
            to: number.as_str(),
            from: "",
            cli: None,
            presentation: domain::Presentation::Allowed,
            class: None,
            hops: None,
        };
        match decide(self.snapshot, &request, &mut NoTrace).outcome {
            Outcome::Dial { attempts, .. } => attempts
                .iter()
                .map(|attempt| (attempt.dial.to_string(), attempt.caller_id.to_string()))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn phones(&mut self) {
        let here =
            self.tables.extensions.iter().filter(|phone| phone.server_id == self.me.id && phone.enabled);
        for phone in here.collect::<Vec<_>>() {
            self.ring(phone.number.as_str(), &[phone], phone.dial_timeout_s);
        }
    }

    /// An extension that rings phones of this node, all at once. Where they registered is text a phone wrote: the
    /// dialplan's own subroutine makes legs of it, and no more than these phones have.
    fn ring(&mut self, exten: &str, phones: &[&Extension], seconds: u16) {
        if self.me.sip_driver == SipDriver::ChanSip {
            let strings: Vec<_> = phones.iter().map(|phone| format!("SIP/{}", phone.endpoint)).collect();
            self.line(format_args!("exten => {exten},1,Dial({},{seconds})", strings.join("&")));
        } else {
            self.line(format_args!("exten => {exten},1,Set(DP_DIAL=)"));
            for phone in phones {
                self.line(format_args!(" same => n,Gosub(service,contacts,1({}))", phone.endpoint));
            }
            self.line(format_args!(" same => n,GotoIf($[\"${{DP_DIAL}}\"=\"\"]?absent)"));
            self.line(format_args!(" same => n,Dial(${{DP_DIAL}},{seconds})"));
            self.line(format_args!(" same => n,Hangup(19)"));
            return self.line(format_args!(" same => n(absent),Hangup(20)"));
        }
        self.line(format_args!(" same => n,Hangup(19)"));
    }

    /// Every number of the country's dial rules through one gate of this node, showing that gate's number.
    fn one_gate(&mut self) {
        let Some((gate, number, provider)) = self.gate() else {
            return self.line(format_args!("; No gate here leads out."));
        };
        let Some(country) = self.tables.countries.iter().find(|country| country.iso == self.me.location)
        else {
            return;
        };
        for (pattern, international) in patterns(country) {
            let string = through(self.me, gate, provider, &international);
            self.line(format_args!("exten => {pattern},1,NoOp()"));
            self.identity(&number.to_string());
            self.line(format_args!(" same => n,Dial({string},60,i)"));
            self.line(format_args!(" same => n,Hangup(34)"));
        }
    }

    fn gate(&self) -> Option<(&'t Gate, E164, &'t Provider)> {
        let tables = self.tables;
        let mut here: Vec<_> = tables.gates.iter().filter(|gate| gate.server_id == self.me.id).collect();
        here.sort_by_key(|gate| gate.id);
        here.into_iter().find_map(|gate| {
            let number = tables.numbers.iter().find(|number| number.id == gate.number_id)?;
            let provider = tables.providers.iter().find(|provider| provider.id == number.provider_id)?;
            let open = number.enabled
                && number.direction.allows_out()
                && provider.enabled
                && provider.sells_outgoing;
            open.then_some((gate, number.number, provider))
        })
    }

    fn inbound(&mut self) {
        self.line(format_args!("\n[dialplane-fallback-inbound]"));
        let here = self.tables.numbers.iter().filter(|number| number.server_id == Some(self.me.id));
        let open = here.filter(|number| number.enabled && number.direction.allows_in());
        for number in open.take(FALLBACK_NUMBERS_MAX).collect::<Vec<_>>() {
            let destinations = &self.tables.number_destinations;
            if let Some(row) = destinations.iter().find(|row| row.number_id == number.id) {
                self.answered(number.number, row);
            }
        }
        self.line(format_args!("exten => _+X.,1,Goto(${{EXTEN:1}},1)"));
        self.line(format_args!("exten => _[+0-9a-zA-Z].,1,Hangup(38)"));
        self.line(format_args!("exten => h,1,NoOp()"));
    }

    fn answered(&mut self, number: E164, row: &NumberDestination) {
        if let (Some(context), Some(exten)) = (&row.context, &row.exten) {
            return self.line(format_args!("exten => {number},1,Goto({context},{exten},1)"));
        }
        let mut phones = Vec::new();
        phones.extend(row.extension_id.and_then(|id| self.phone_here(id)));
        phones.extend(row.ring_group_id.into_iter().flat_map(|id| self.members_here(id)));
        if phones.is_empty() {
            return;
        }
        self.ring(number.to_string().as_str(), &phones, 60);
    }

    fn phone_here(&self, id: ExtensionId) -> Option<&'t Extension> {
        let mut phones = self.tables.extensions.iter();
        phones.find(|phone| phone.id == id && phone.server_id == self.me.id && phone.enabled)
    }

    fn members_here(&self, group: RingGroupId) -> Vec<&'t Extension> {
        let members = self.tables.ring_group_members.iter().filter(|row| row.ring_group_id == group);
        members.filter_map(|row| self.phone_here(row.extension_id)).collect()
    }
}

/// The gate's Dial string, with an expression where the number stands.
fn through(me: &Server, gate: &Gate, provider: &Provider, number: &str) -> String {
    let prefix = provider.cli_prefix.or(provider.noncli_prefix);
    let user = match prefix {
        Some(prefix) => format!("{prefix}{number}"),
        None if provider.append_plus => format!("+{number}"),
        None => number.to_owned(),
    };
    match me.sip_driver {
        SipDriver::Pjsip => format!("PJSIP/{user}@{}", gate.gatename),
        SipDriver::ChanSip => format!("SIP/{}/{user}", gate.gatename),
    }
}

/// The ways people of a country dial, each with the expression for the international number. Patterns that end in `!`
/// match any tail, so everything but digits is dropped before it can reach the Dial.
fn patterns(country: &Country) -> Vec<(String, String)> {
    let code = country.calling_code;
    let international = country.international_prefix.as_str();
    let mut patterns = vec![
        (format!("_{international}XXXXXX!"), format!("${{FILTER(0-9,${{EXTEN:{}}})}}", international.len())),
        ("_+XXXXXXX!".to_owned(), "${FILTER(0-9,${EXTEN:1})}".to_owned()),
    ];
    for digits in country.national_digits_min..=country.national_digits_max {
        let national = "X".repeat(usize::from(digits));
        patterns.push((format!("_{code}{national}"), "${EXTEN}".to_owned()));
        if let Some(trunk) = country.trunk_prefix.filter(|trunk| *trunk != code) {
            let length = trunk.as_str().len();
            patterns.push((format!("_{trunk}{national}"), format!("{code}${{EXTEN:{length}}}")));
        }
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(node: &str) -> String {
        let tables: Tables = toml::from_str(store::ARTICLE).unwrap();
        let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
        fallback(&tables, &snapshot, &node.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_gate_of_the_node_carries_every_way_to_dial() {
        let file = file("asterisk-macomnet");
        for line in [
            "exten => _8XXXXXXXXXX,1,NoOp()",
            " same => n,Set(CALLERID(num)=74957952302)",
            " same => n,Dial(SIP/sip_peer_msm_2302/+7${EXTEN:1},60,i)",
            " same => n,Dial(SIP/sip_peer_msm_2302/+${FILTER(0-9,${EXTEN:3})},60,i)",
            "exten => 1000,1,Dial(SIP/1000,60)",
            "exten => 74951815000,1,Dial(SIP/1000,60)",
        ] {
            assert!(file.lines().any(|found| found == line), "no `{line}` in\n{file}");
        }
    }

    #[test]
    fn where_a_phone_registered_is_never_pasted_into_a_dial() {
        let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
        tables.servers.iter_mut().for_each(|server| server.sip_driver = SipDriver::Pjsip);
        let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
        let file = fallback(&tables, &snapshot, &"asterisk-macomnet".parse().unwrap()).unwrap();
        assert!(!file.contains("PJSIP_DIAL_CONTACTS"), "{file}");
        let ring = "exten => 1000,1,Set(DP_DIAL=)\n same => n,Gosub(service,contacts,1(1000))\n \
                    same => n,GotoIf($[\"${DP_DIAL}\"=\"\"]?absent)\n same => n,Dial(${DP_DIAL},60)\n";
        assert!(file.contains(ring), "{file}");
    }

    #[test]
    fn a_node_without_a_gate_says_so_and_refuses() {
        let file = file("asterisk-corbina");
        assert!(file.contains("; No gate here leads out."), "{file}");
        assert!(file.contains("exten => _[+0-9].,1,Hangup(38)"));
    }
}
