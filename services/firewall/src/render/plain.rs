//! A network on each line, IPv4 before IPv6, after one line that begins with `#`.

use super::text::bare;
use crate::AddressSet;

pub(super) fn render(set: &AddressSet) -> String {
    let lines: Vec<_> = set.networks().iter().map(bare).collect();
    format!("# {}\n{}\n", set.label(), lines.join("\n"))
}
