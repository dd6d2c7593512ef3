//! A ruleset for `nft -f`: one transaction, one table of its own, everything else untouched.

use std::{
    collections::BTreeSet,
    fmt::{Display, Write},
};

use super::text::{ALSO, bare, named_sets};
use crate::{
    AddressSet, RenderOptions, Rules, Service, Wire,
    options::{Guard, PortRange},
};

const TABLE: &str = "inet dialplane";
const INPUT: &str = "input";
const HOOK: &str = "type filter hook input priority filter - 5; policy accept;";
/// The set that says by its comment what is loaded: the comment of a table cannot be changed.
const ABOUT: &str = "about";

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> String {
    let mut text = format!("# {}\n", set.label());
    match options.rules {
        Rules::Included => with_rules(&mut text, set, options),
        Rules::SetsOnly => sets_only(&mut text, set, options),
    }
    text
}

/// Everything there is to be is declared first, so that it can be emptied, and then filled: a table that is deleted and made
/// anew in one transaction loses packets, since its rules come into force a moment before its sets are filled.
fn with_rules(text: &mut String, set: &AddressSet, options: &RenderOptions) {
    let guards = options.guards(set);
    declare(text, set, options);
    let _ = writeln!(text, "delete set {TABLE} {ABOUT}");
    for_each_set(set, options, |name, _, _| {
        let _ = writeln!(text, "flush set {TABLE} {name}");
    });
    for chain in Service::ALL.map(Service::as_str).into_iter().chain([INPUT]) {
        let _ = writeln!(text, "flush chain {TABLE} {chain}");
    }
    let _ = writeln!(text, "table {TABLE} {{");
    let _ = writeln!(text, "\tset {ABOUT} {{\n\t\ttype mark\n\t\tcomment \"{}\"\n\t}}\n", comment(set));
    for_each_set(set, options, |name, kind, addresses| {
        let _ = write!(text, "\tset {name} {{\n\t\ttype {kind}\n\t\tflags interval\n");
        if !addresses.is_empty() {
            let _ = writeln!(text, "\t\telements = {{\n\t\t\t{}\n\t\t}}", addresses.join(",\n\t\t\t"));
        }
        text.push_str("\t}\n\n");
    });
    for guard in &guards {
        service_chain(text, guard);
    }
    input_chain(text, &guards);
    text.push_str("}\n");
}

/// What is there already stays as it is.
fn declare(text: &mut String, set: &AddressSet, options: &RenderOptions) {
    let _ = writeln!(text, "table {TABLE} {{\n\tset {ABOUT} {{\n\t\ttype mark\n\t}}");
    for_each_set(set, options, |name, kind, _| {
        let _ = writeln!(text, "\tset {name} {{\n\t\ttype {kind}\n\t\tflags interval\n\t}}");
    });
    for service in Service::ALL {
        let _ = writeln!(text, "\tchain {service} {{\n\t}}");
    }
    let _ = writeln!(text, "\tchain {INPUT} {{\n\t\t{HOOK}\n\t}}\n}}");
}

/// Who may speak a service; everybody else is dropped.
fn service_chain(text: &mut String, guard: &Guard<'_>) {
    let _ = writeln!(text, "\tchain {} {{", guard.service);
    for set in [guard.service.as_str(), ALSO] {
        let _ = writeln!(text, "\t\tip saddr @{set}_v4 accept\n\t\tip6 saddr @{set}_v6 accept");
    }
    text.push_str("\t\tct direction reply ct state established accept\n\t\tcounter drop\n\t}\n\n");
}

/// Before the chains at the usual priority, which go on to judge what is accepted here.
fn input_chain(text: &mut String, guards: &[Guard<'_>]) {
    let _ = writeln!(text, "\tchain {INPUT} {{\n\t\t{HOOK}\n\t\tiif \"lo\" accept");
    for guard in guards {
        for wire in [Wire::Udp, Wire::Tcp] {
            let of_wire = |range: &&PortRange| range.wire == wire;
            // In the order the tool lists them: what is loaded is compared with this.
            let ranges: BTreeSet<_> = guard.ports.iter().filter(of_wire).map(|range| range.ports).collect();
            let ports: Vec<_> = ranges.iter().map(ToString::to_string).collect();
            let ports = match ports.as_slice() {
                [] => continue,
                [one] => one.clone(),
                several => format!("{{ {} }}", several.join(", ")),
            };
            let _ = writeln!(text, "\t\t{wire} dport {ports} goto {}", guard.service);
        }
    }
    text.push_str("\t}\n");
}

/// The sets alone, emptied and filled again: chains that somebody else keeps in the table stay, and so do their rules.
fn sets_only(text: &mut String, set: &AddressSet, options: &RenderOptions) {
    text.push_str("add table inet dialplane\n");
    for_each_set(set, options, |name, kind, addresses| {
        let _ = writeln!(text, "add set inet dialplane {name} {{ type {kind}; flags interval; }}");
        let _ = writeln!(text, "flush set inet dialplane {name}");
        if !addresses.is_empty() {
            let elements = addresses.join(",\n\t");
            let _ = writeln!(text, "add element inet dialplane {name} {{\n\t{elements}\n}}");
        }
    });
}

fn for_each_set(set: &AddressSet, options: &RenderOptions, mut write: impl FnMut(&str, &str, &[String])) {
    for (name, networks) in named_sets(set, options) {
        let v4: Vec<_> = networks.v4.iter().map(|net| bare((*net).into())).collect();
        let v6: Vec<_> = networks.v6.iter().map(|net| bare((*net).into())).collect();
        write(&format!("{name}_v4"), "ipv4_addr", &v4);
        write(&format!("{name}_v6"), "ipv6_addr", &v6);
    }
}

/// At most 128 bytes, all that the tool takes.
fn comment(set: &AddressSet) -> impl Display {
    format!("dialplane generation {}, sha256 {}", set.generation(), set.checksum())
}
