//! Where calls to our numbers are answered.

use domain::RingGroupId;
use routing::{
    TableName,
    tables::{Extension, Number, NumberDestination},
};
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule};

static SILENT_GROUP: Rule = Rule::warning("group-without-phones", TableName::RingGroup);
static DISABLED: Rule = Rule::warning("destination-disabled", TableName::NumberDestination);
static AWAY: Rule = Rule::warning("destination-on-other-server", TableName::NumberDestination);

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let members = known.tables.ring_group_members.rows();
    let live = members.filter(|row| known.extension(row.extension_id).is_some_and(|phone| phone.enabled));
    let ringing: FxHashSet<RingGroupId> = live.map(|row| row.ring_group_id).collect();
    for row in known.tables.ring_groups.rows().filter(|row| !ringing.contains(&row.id)) {
        findings.add(&SILENT_GROUP, row.id, "has no enabled phone: nothing rings");
    }
    for row in known.tables.number_destinations.rows() {
        if let Some((number, phone)) = ends(known, row).filter(|(number, _)| number.enabled) {
            check_phone(row, number, phone, findings);
        }
    }
}

fn ends<'t>(known: &Known<'t>, row: &NumberDestination) -> Option<(&'t Number, &'t Extension)> {
    Some((known.number(row.number_id)?, known.extension(row.extension_id?)?))
}

fn check_phone(row: &NumberDestination, number: &Number, phone: &Extension, findings: &mut Findings) {
    if !phone.enabled {
        findings.add(&DISABLED, row.id, "leads to a disabled phone");
    } else if number.server_id.is_some_and(|server| server != phone.server_id) {
        let message = "leads to a phone on another server than the number's: a call that another server handed \
                       over for the number goes no further";
        findings.add(&AWAY, row.id, message);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["group-without-phones 1"], |t| t.ring_group_members.clear()),
            (&["group-without-phones 1", "destination-disabled 1", "manager-disabled 1"], |t| {
                t.extensions.iter_mut().for_each(|phone| phone.enabled = false);
            }),
            (&[], |t| {
                t.ring_group_members.remove(0);
            }),
            (&["destination-disabled 1"], |t| t.extensions[0].enabled = false),
            (&["extension-shows-unusable-number 1", "gate-of-disabled-number 1"], |t| {
                t.extensions[0].enabled = true;
                t.numbers[0].enabled = false;
                t.number_destinations[0].extension_id = Some(t.extensions[1].id);
            }),
            (&["destination-on-other-server 1"], |t| {
                t.number_destinations[0].extension_id = Some(t.extensions[1].id);
            }),
        ]);
    }
}
