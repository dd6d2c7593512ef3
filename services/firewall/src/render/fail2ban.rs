//! A file for `/etc/fail2ban/jail.d/`: the jail `asterisk` bans nobody of the set. Whom it spared before it still spares, and
//! other jails know nothing of carriers.

use super::text::bare;
use crate::AddressSet;

pub(super) fn render(set: &AddressSet) -> String {
    let networks: Vec<_> = set.networks().iter().map(bare).collect();
    format!(
        "# {}\n[asterisk]\nignoreip = %(known/ignoreip)s\n           {}\n",
        set.label(),
        networks.join("\n           ")
    )
}
