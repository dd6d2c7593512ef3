//! Tables and rules for an anchor: `pfctl -a dialplane -f FILE`, one transaction.

use std::fmt::Write;

use super::text::bare;
use crate::{AddressSet, Networks, RenderOptions, Rules, Service, Wire};

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> String {
    let mut text = format!("# {}\n", set.label());
    for service in Service::ALL {
        let also = options.also_allow.iter().copied();
        let entries = set.entries().iter().filter(|entry| service.is_of(entry));
        push_table(&mut text, service, &Networks::of(entries.map(|entry| entry.network).chain(also)));
    }
    if options.rules == Rules::Included {
        for guard in options.guards(set) {
            for wire in [Wire::Udp, Wire::Tcp] {
                let ranges = guard.ports.iter().filter(|range| range.wire == wire);
                let ports: Vec<_> = ranges.map(|range| range.ports.with(':')).collect();
                if !ports.is_empty() {
                    push_rule(&mut text, guard.service, wire, &ports);
                }
            }
        }
    }
    text
}

fn push_table(text: &mut String, service: Service, networks: &Networks) {
    let addresses: Vec<_> = networks.iter().map(bare).collect();
    // Writing into a String does not fail.
    let _ = match addresses.as_slice() {
        [] => writeln!(text, "table <dialplane_{service}> persist"),
        addresses => {
            writeln!(text, "table <dialplane_{service}> persist {{ \\\n\t{} }}", addresses.join(", \\\n\t"))
        }
    };
}

/// Strangers are dropped and nothing else is said, so that the rules of the machine go on to judge the others.
fn push_rule(text: &mut String, service: Service, wire: Wire, ports: &[String]) {
    let ports = ports.join(", ");
    let _ = writeln!(
        text,
        "block drop in quick on ! lo0 proto {wire} from ! <dialplane_{service}> to any port {{ {ports} }}"
    );
}
