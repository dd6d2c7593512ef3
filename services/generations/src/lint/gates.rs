//! Dial peers that numbers are bound to.

use domain::Class;
use routing::{TableName, tables::Gate};

use super::{Findings, Known, Rule, is_open, sells};

static SERVER_DISABLED: Rule = Rule::warning("gate-on-disabled-server", TableName::Gate);
static NUMBER_DISABLED: Rule = Rule::warning("gate-of-disabled-number", TableName::Gate);
static INCOMING: Rule = Rule::warning("gate-of-incoming-number", TableName::Gate);
static CLASSLESS: Rule = Rule::warning("gate-without-class", TableName::Gate);

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    for row in known.tables.gates.rows() {
        if known.is_server_disabled(row.server_id) {
            findings.add(&SERVER_DISABLED, row.id, "is on a disabled server");
        }
        check_number(known, row, findings);
    }
}

fn check_number(known: &Known<'_>, row: &Gate, findings: &mut Findings) {
    let Some(number) = known.number(row.number_id) else { return };
    if !number.enabled {
        findings.add(&NUMBER_DISABLED, row.id, "is the gate of a disabled number");
    } else if !number.direction.allows_out() {
        findings.add(&INCOMING, row.id, "is the gate of a number for incoming calls only");
    }
    let provider = known.provider(number.provider_id).filter(|provider| is_open(provider));
    if !row.cid_support && provider.is_some_and(|provider| !sells(provider, Class::NonCli)) {
        let message = "passes no caller's number on, which leaves it class noncli only, and its provider does not sell that";
        findings.add(&CLASSLESS, row.id, message);
    }
}

#[cfg(test)]
mod tests {
    use domain::Direction;

    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["gate-on-disabled-server 1"], |t| {
                t.gates[0].server_id = t.servers[1].id;
                t.servers[1].enabled = false;
                t.extensions[1].enabled = false;
                t.numbers[2].enabled = false;
                t.customers.clear();
                t.service_numbers.truncate(1);
            }),
            (&["gate-of-disabled-number 1", "extension-shows-unusable-number 1"], |t| {
                t.numbers[0].enabled = false;
            }),
            (&["gate-of-incoming-number 1"], |t| t.gates[0].number_id = t.numbers[2].id),
            (&["gate-without-class 1"], |t| {
                t.gates[0].cid_support = false;
                t.gates[0].number_id = t.numbers[2].id;
                t.numbers[2].direction = Direction::InOut;
                t.providers[1].noncli_prefix = None;
            }),
            (&[], |t| {
                t.gates[0].cid_support = false;
                t.gates[0].number_id = t.numbers[2].id;
                t.numbers[2].direction = Direction::InOut;
            }),
            (&[], |t| t.gates[0].cid_support = false),
        ]);
    }
}
