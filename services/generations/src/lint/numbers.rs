//! Numbers nobody can call, though they are for incoming calls.

use domain::ProviderId;
use routing::{TableName, tables::Number};
use rustc_hash::FxHashMap;

use super::{Findings, Known, Rule};

static CLOSED: Rule = Rule::warning("number-of-disabled-provider", TableName::Number);
static SERVER_DISABLED: Rule = Rule::warning("number-on-disabled-server", TableName::Number);
static NO_SERVER: Rule = Rule::warning("number-without-server", TableName::Number);
static NO_DESTINATION: Rule = Rule::warning("number-without-destination", TableName::Number);

/// What a provider leases to us.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pool {
    pub(super) numbers: usize,
    /// The enabled ones that can be called.
    pub(super) incoming: usize,
    /// The enabled ones that can be shown.
    pub(super) showable: usize,
}

/// Looks at every number once, and tells what pools they make.
pub(super) fn check(known: &Known<'_>, findings: &mut Findings) -> FxHashMap<ProviderId, Pool> {
    let mut pools: FxHashMap<ProviderId, Pool> = FxHashMap::default();
    for row in known.tables.numbers.rows() {
        let pool = pools.entry(row.provider_id).or_default();
        pool.numbers += 1;
        pool.incoming += usize::from(row.enabled && row.direction.allows_in());
        pool.showable += usize::from(row.enabled && row.direction.allows_out());
        if row.enabled {
            check_enabled(known, row, findings);
        }
    }
    pools
}

fn check_enabled(known: &Known<'_>, row: &Number, findings: &mut Findings) {
    if known.provider(row.provider_id).is_some_and(|provider| !provider.enabled) {
        findings.add(&CLOSED, row.id, "is enabled, but its provider is disabled");
    }
    // An echo test is answered by whichever server the call arrives at.
    if !row.direction.allows_in() || row.echotest {
        return;
    }
    match row.server_id {
        None => findings.add(&NO_SERVER, row.id, "takes calls but has no server to answer them"),
        Some(server) if known.is_server_disabled(server) => {
            findings.add(&SERVER_DISABLED, row.id, "takes calls, but its server is disabled");
        }
        Some(_) if !known.destined.contains(&row.id) => {
            findings.add(
                &NO_DESTINATION,
                row.id,
                "takes calls but leads nowhere: only known callers get through, to their manager",
            );
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::Direction;

    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["number-without-server 1"], |t| t.numbers[0].server_id = None),
            (&[], |t| (t.numbers[0].server_id, t.numbers[0].echotest) = (None, true)),
            (&[], |t| (t.numbers[0].server_id, t.numbers[0].direction) = (None, Direction::Out)),
            (&["number-without-destination 1"], |t| {
                t.number_destinations.remove(0);
            }),
            (&[], |t| {
                t.number_destinations.remove(0);
                t.numbers[0].echotest = true;
            }),
            (&[], |t| {
                t.number_destinations.remove(0);
                t.numbers[0].direction = Direction::Out;
            }),
            (&["extension-on-disabled-server 2", "number-on-disabled-server 3"], |t| {
                t.servers[1].enabled = false;
            }),
            (&["number-of-disabled-provider 3", "service-number-of-disabled-provider 2"], |t| {
                t.providers[1].enabled = false;
                t.routes.truncate(1);
            }),
            (&["service-number-of-disabled-provider 2"], |t| {
                t.providers[1].enabled = false;
                t.numbers[2].enabled = false;
                t.routes.truncate(1);
            }),
        ]);
    }
}
