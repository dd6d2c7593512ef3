//! Our own servers.

use domain::{HopProtocol, ServerId};
use routing::{TableName, tables::Server};
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule};

static NO_TOKEN: Rule = Rule::warning("node-without-token", TableName::Server);
static NO_PATH: Rule = Rule::warning("server-without-path", TableName::Server);

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let proven: FxHashSet<ServerId> = known.tables.node_tokens.rows().map(|row| row.server_id).collect();
    let enabled = || known.tables.servers.rows().filter(|row| row.enabled);
    let wanted = if enabled().nth(1).is_some() { wanted(known) } else { FxHashSet::default() };
    for row in enabled() {
        if !proven.contains(&row.id) {
            findings.add(&NO_TOKEN, row.id, "has no token: all its questions are refused");
        }
        if wanted.contains(&row.id) && !has_path(row) {
            let message = format_args!(
                "has no {} path: the other servers cannot hand calls over to its phones, numbers and gates",
                row.protocol
            );
            findings.add(&NO_PATH, row.id, message);
        }
    }
}

/// The servers calls may have to be handed over to.
fn wanted(known: &Known<'_>) -> FxHashSet<ServerId> {
    let phones = known.tables.extensions.rows().filter(|row| row.enabled).map(|row| row.server_id);
    let incoming = known.tables.numbers.rows().filter(|row| row.enabled && row.direction.allows_in());
    let gates = known.tables.gates.rows().map(|row| row.server_id);
    phones.chain(gates).chain(incoming.filter_map(|row| row.server_id)).collect()
}

fn has_path(row: &Server) -> bool {
    match row.protocol {
        HopProtocol::Sip => row.sip.is_some(),
        HopProtocol::Iax2 => row.iax2.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use domain::HopProtocol;

    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["node-without-token 2"], |t| {
                t.node_tokens.remove(1);
            }),
            (&["extension-on-disabled-server 2", "number-on-disabled-server 3"], |t| {
                t.servers[1].enabled = false;
                t.node_tokens.remove(1);
                t.service_numbers.truncate(2);
            }),
            (&["server-without-path 2"], |t| t.servers[1].iax2 = None),
            (&["server-without-path 1"], |t| t.servers[0].protocol = HopProtocol::Iax2),
            // Nobody calls, and nothing is called, on a server that only dials out.
            (&[], |t| {
                t.servers[1].iax2 = None;
                t.extensions[1].server_id = t.servers[0].id;
                t.numbers[2].server_id = Some(t.servers[0].id);
            }),
            // Alone there is nobody to hand calls over.
            (&[], |t| {
                t.servers[0].sip = None;
                t.servers.remove(1);
                t.node_tokens.remove(1);
                t.extensions[1].server_id = t.servers[0].id;
                t.numbers[2].server_id = Some(t.servers[0].id);
                t.service_numbers.remove(1);
            }),
        ]);
    }
}
