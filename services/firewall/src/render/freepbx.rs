//! Lines for `/etc/firewall-4.rules` or `-6.rules`, each of which FreePBX hands to iptables or ip6tables when its firewall
//! has started. A line that fails is passed over, which is what makes the file load a second time.
//!
//! FreePBX keeps strangers out by zones of its own; the file opens what those would close. There are no comments: a line
//! would be taken for arguments.

use super::address_list::{CHAIN, by_port, by_source, chains};
use crate::{AddressSet, RenderOptions};

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> String {
    let guards = options.guards(set);
    let mut lines = Vec::new();
    for chain in chains() {
        lines.push(format!("-N {chain}"));
        lines.push(format!("-F {chain}"));
    }
    lines.extend(by_port(&guards));
    for guard in &guards {
        lines.extend(by_source(set, guard.service, options, "ACCEPT"));
    }
    lines.push(format!("-A {CHAIN} -m comment --comment made-by-dialplane-{} -j RETURN", set.mark()));
    lines.push(format!("-D INPUT -j {CHAIN}"));
    lines.push(format!("-I INPUT -j {CHAIN}\n"));
    lines.join("\n")
}
