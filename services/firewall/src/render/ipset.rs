//! Sets for `ipset restore`: each is filled aside and swapped in, so that no packet meets half of one.

use std::fmt::Write;

use super::text::{bare, named_sets};
use crate::{AddressSet, RenderOptions};

/// Most networks a set may hold. Sets can be swapped only with others of the same limit, so it never changes; it takes no
/// memory by itself.
const ELEMENTS_MAX: u32 = 1_048_576;

pub(super) fn render(set: &AddressSet, options: &RenderOptions) -> String {
    let mut text = format!("# {}\n", set.label());
    for (name, networks) in named_sets(set, options) {
        let v4: Vec<_> = networks.v4.iter().map(|net| bare((*net).into())).collect();
        let v6: Vec<_> = networks.v6.iter().map(|net| bare((*net).into())).collect();
        push_set(&mut text, &format!("dialplane-{name}-v4"), "inet", &v4);
        push_set(&mut text, &format!("dialplane-{name}-v6"), "inet6", &v6);
    }
    text
}

fn push_set(text: &mut String, name: &str, family: &str, addresses: &[String]) {
    let next = format!("{name}-next");
    for name in [name, &next] {
        // Writing into a String does not fail.
        let _ = writeln!(text, "create {name} hash:net family {family} maxelem {ELEMENTS_MAX} -exist");
    }
    // What an interrupted run left.
    let _ = writeln!(text, "flush {next}");
    for address in addresses {
        let _ = writeln!(text, "add {next} {address}");
    }
    let _ = writeln!(text, "swap {next} {name}\ndestroy {next}");
}
