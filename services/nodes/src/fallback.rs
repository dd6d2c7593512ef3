//! The dialplan for the minutes in which no router answers: emergency numbers, the node's own phones, one gate with a
//! fixed caller id, and the phones behind the node's own numbers. Nothing clever: it has to be right without anybody.

#[cfg(test)]
mod tests;
mod written;

use std::{
    collections::HashSet,
    fmt::{self, Write},
};

use domain::{Class, Digits, E164, ExtensionId, NodeName, RingGroupId, SipDriver};
use routing::{
    CarrierUser, Generation, NoTrace, Outcome, Request, Snapshot, Verb, decide,
    tables::{Country, Extension, Gate, NumberDestination, Server, Tables},
};

use crate::{NodesError, server};
use written::{national_forms, patterns};

/// Most numbers that get a line of their own; the others are refused like unknown ones.
pub const FALLBACK_NUMBERS_MAX: usize = 10_000;

/// The include file of a node, as it is right at a microsecond of UTC: an address that is not valid then is not in it.
pub fn fallback(
    tables: &Tables,
    snapshot: &Snapshot,
    node: &NodeName,
    at_us: i64,
) -> Result<String, NodesError> {
    let me = server(tables, node)?;
    let mut file = File { text: String::new(), tables, snapshot, me, at_us };
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
    at_us: i64,
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
            asked_us: Some(self.at_us),
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
        let Some(way_out) = self.way_out() else {
            return self.line(format_args!("; No gate here leads out."));
        };
        let Some(country) = self.country() else { return };
        for (pattern, international) in patterns(country) {
            let string = way_out.dial(self.me, &international);
            self.line(format_args!("exten => {pattern},1,NoOp()"));
            self.identity(&way_out.number.to_string());
            self.line(format_args!(" same => n,Dial({string},60,i)"));
            self.line(format_args!(" same => n,Hangup(34)"));
        }
    }

    fn country(&self) -> Option<&'t Country> {
        self.tables.countries.iter().find(|country| country.iso == self.me.location)
    }

    /// The first gate that passes its number on, or else the first that is good for calls without one.
    fn way_out(&self) -> Option<WayOut<'t>> {
        let mut here: Vec<_> = self.tables.gates.iter().filter(|gate| gate.server_id == self.me.id).collect();
        here.sort_by_key(|gate| (!gate.cid_support, gate.id));
        here.into_iter().find_map(|gate| self.through(gate))
    }

    fn through(&self, gate: &'t Gate) -> Option<WayOut<'t>> {
        let number = self.tables.numbers.iter().find(|number| number.id == gate.number_id)?;
        let provider = self.tables.providers.iter().find(|provider| provider.id == number.provider_id)?;
        let open =
            number.enabled && number.direction.allows_out() && provider.enabled && provider.sells_outgoing;
        // As the router has it: a gate that passes no number on carries only the class that promises none.
        let classes: &[Class] =
            if gate.cid_support { &[Class::Cli, Class::NonCli] } else { &[Class::NonCli] };
        let user = classes.iter().find_map(|class| provider.carrier_user(number.number, *class))?;
        open.then_some(WayOut { gate, number: number.number, user })
    }

    fn inbound(&mut self) {
        self.line(format_args!("\n[dialplane-fallback-inbound]"));
        let here = self.tables.numbers.iter().filter(|number| number.server_id == Some(self.me.id));
        let open = here.filter(|number| number.enabled && number.direction.allows_in());
        let open: Vec<_> = open.take(FALLBACK_NUMBERS_MAX).collect();
        for number in &open {
            let destinations = &self.tables.number_destinations;
            if let Some(row) = destinations.iter().find(|row| row.number_id == number.id) {
                self.answered(number.number, row);
            }
        }
        self.national(open.into_iter().map(|number| number.number).collect());
        self.line(format_args!("exten => _+X.,1,Goto(${{EXTEN:1}},1)"));
        self.line(format_args!("exten => _[+0-9a-zA-Z].,1,Hangup(38)"));
        self.line(format_args!("exten => h,1,NoOp()"));
    }

    /// The same numbers as carriers of this country may write them. A number that is called as it stands comes first.
    fn national(&mut self, numbers: Vec<E164>) {
        let Some(country) = self.country() else { return };
        let leased: HashSet<E164> = self.tables.numbers.iter().map(|number| number.number).collect();
        for number in numbers {
            for form in national_forms(country, number) {
                if !form.parse().is_ok_and(|form: E164| leased.contains(&form)) {
                    self.line(format_args!("exten => {form},1,Goto({number},1)"));
                }
            }
        }
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

/// A gate, the number it shows, and how its provider wants numbers.
struct WayOut<'t> {
    gate: &'t Gate,
    number: E164,
    user: CarrierUser,
}

impl WayOut<'_> {
    /// The Dial string, with an expression where the number stands.
    fn dial(&self, me: &Server, number: &str) -> String {
        let user = match self.user.tariff_prefix {
            Some(prefix) => format!("{prefix}{number}"),
            None if self.user.plus => format!("+{number}"),
            None => number.to_owned(),
        };
        match me.sip_driver {
            SipDriver::Pjsip => format!("PJSIP/{user}@{}", self.gate.gatename),
            SipDriver::ChanSip => format!("SIP/{}/{user}", self.gate.gatename),
        }
    }
}
