//! Emergency and service numbers.

use domain::CountryCode;
use routing::{TableName, tables::ServiceNumber};
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule};

static NO_EMERGENCY: Rule = Rule::warning("no-emergency-number", TableName::Country);
static CLOSED: Rule = Rule::warning("service-number-of-disabled-provider", TableName::ServiceNumber);
static UNDIALLED: Rule = Rule::warning("service-number-not-dialled", TableName::ServiceNumber);
static UNUSED: Rule = Rule::warning("service-number-without-server", TableName::ServiceNumber);

/// 112 and 911 (ITU-T E.161.1) have three digits, the national ones two or three.
const EMERGENCY_DIGITS_MAX: usize = 3;

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let stands: FxHashSet<CountryCode> = known.tables.servers.rows().map(|row| row.location).collect();
    for row in known.tables.service_numbers.rows() {
        check_provider(known, row, findings);
        if !stands.contains(&row.country) {
            findings.add(&UNUSED, row.id, format_args!("is of {}, where no server stands", row.country));
        }
    }
    let rows = known.tables.service_numbers.rows();
    let short = rows.filter(|row| row.number.as_str().len() <= EMERGENCY_DIGITS_MAX);
    let covered: FxHashSet<CountryCode> = short.map(|row| row.country).collect();
    let served = known.tables.countries.rows().filter(|row| known.locations.contains(&row.iso));
    for row in served.filter(|row| !covered.contains(&row.iso)) {
        let message = format_args!(
            "has a server but no emergency number such as 112: nobody in {} can dial one",
            row.iso
        );
        findings.add(&NO_EMERGENCY, row.id, message);
    }
}

fn check_provider(known: &Known<'_>, row: &ServiceNumber, findings: &mut Findings) {
    let Some(provider) = known.provider(row.provider_id) else { return };
    if !provider.enabled {
        findings.add(&CLOSED, row.id, "goes through a disabled provider, so it does not go there");
    } else if !known.dialled.contains(&row.provider_id) {
        findings.add(&UNDIALLED, row.id, "goes through a provider without an enabled address to dial");
    }
}

#[cfg(test)]
mod tests {
    use domain::{CountryId, Direction};
    use routing::tables::Country;

    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["no-emergency-number 2"], |t| {
                t.service_numbers.remove(1);
            }),
            (&["no-emergency-number 2"], |t| t.service_numbers[1].number = "118118".parse().unwrap()),
            (&[], |t| t.service_numbers[1].number = "18".parse().unwrap()),
            (&["no-emergency-number 2"], |t| {
                t.service_numbers.remove(1);
                let (id, iso) = (CountryId(9), "CH".parse().unwrap());
                t.countries.push(Country { id, iso, ..t.countries[1].clone() });
            }),
            (&["service-number-not-dialled 1"], |t| {
                t.provider_addresses[0].direction = Direction::In;
                t.provider_addresses[0].ipaddress = Some("203.0.113.1".parse().unwrap());
                t.providers[0].sells_outgoing = false;
                t.routes.remove(0);
            }),
        ]);
    }
}
