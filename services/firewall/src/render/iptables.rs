//! Chains for `iptables-restore --noflush` or `ip6tables-restore --noflush`: one transaction, chains of its own.

use super::address_list::{CHAIN, by_port, by_source, chain_of, chains};
use crate::{AddressSet, Family, RenderOptions};

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> String {
    let guards = options.guards(set);
    let tool = match options.family {
        Family::V4 => "iptables",
        Family::V6 => "ip6tables",
    };
    let mut lines = vec![
        format!("# {}", set.label()),
        // The one thing a file cannot do: it would be a further jump each time.
        format!("# once: {tool} -C INPUT -j {CHAIN} || {tool} -I INPUT -j {CHAIN}"),
        "*filter".to_owned(),
    ];
    // Naming a chain empties it.
    lines.extend(chains().into_iter().map(|chain| format!(":{chain} - [0:0]")));
    lines.push(format!("-A {CHAIN} -i lo -j RETURN"));
    lines.extend(by_port(&guards));
    for guard in &guards {
        let chain = chain_of(guard.service);
        lines.extend(by_source(set, guard.service, options, "RETURN"));
        lines.push(format!("-A {chain} -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN"));
        lines.push(format!("-A {chain} -m comment --comment {} -j DROP", set.mark()));
    }
    lines.push("COMMIT\n".to_owned());
    lines.join("\n")
}
