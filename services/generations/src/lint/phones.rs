//! Our own phones and the people behind them.

use domain::{Class, CountryCode, Digits};
use routing::{TableName, tables::Extension};
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule, sells};

static SERVER_DISABLED: Rule = Rule::warning("extension-on-disabled-server", TableName::Extension);
static SHOWS_UNAVAILABLE: Rule = Rule::warning("extension-shows-unusable-number", TableName::Extension);
static UNSOLD: Rule = Rule::warning("extension-class-not-sold", TableName::Extension);
static HIDDEN: Rule = Rule::warning("extension-behind-service-number", TableName::Extension);
static MANAGER: Rule = Rule::warning("manager-disabled", TableName::Customer);

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let services: FxHashSet<Digits> = service_numbers(known).map(|(_, number)| number).collect();
    let sold = |class| known.open_providers().any(|provider| sells(provider, class));
    let unsold: Vec<Class> = Class::ALL.iter().copied().filter(|class| !sold(*class)).collect();
    for row in known.tables.extensions.rows().filter(|row| row.enabled) {
        if known.is_server_disabled(row.server_id) {
            findings.add(&SERVER_DISABLED, row.id, "is enabled, but its server is disabled");
        }
        if unsold.contains(&row.class) {
            let message = format_args!("calls in class {}, which no enabled provider sells", row.class);
            findings.add(&UNSOLD, row.id, message);
        }
        if services.contains(&row.number) {
            let message = "has the number of a service: colleagues who dial it reach that instead";
            findings.add(&HIDDEN, row.id, message);
        }
        check_shown(known, row, findings);
    }
    check_managers(known, findings);
}

/// The service numbers of countries with a server: dialled there, they come before everything else.
fn service_numbers(known: &Known<'_>) -> impl Iterator<Item = (CountryCode, Digits)> {
    let rows = known.tables.service_numbers.rows().map(|row| (row.country, row.number));
    rows.filter(|(country, _)| known.locations.contains(country))
}

fn check_shown(known: &Known<'_>, row: &Extension, findings: &mut Findings) {
    let Some(number) = row.number_id.and_then(|id| known.number(id)) else { return };
    let why = if !number.enabled {
        "a disabled number"
    } else if !number.direction.allows_out() {
        "a number for incoming calls only"
    } else {
        return;
    };
    let message = format_args!("shows {why}: only providers that let any number be shown would show it");
    findings.add(&SHOWS_UNAVAILABLE, row.id, message);
}

fn check_managers(known: &Known<'_>, findings: &mut Findings) {
    for row in known.tables.customers.rows() {
        if known.extension(row.extension_id).is_some_and(|phone| !phone.enabled) {
            findings.add(&MANAGER, row.id, "has a manager whose phone is disabled");
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Class, ServiceNumberId};
    use routing::tables::ServiceNumber;

    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["extension-shows-unusable-number 2"], |t| t.numbers[1].enabled = false),
            (&["extension-shows-unusable-number 2"], |t| t.extensions[1].number_id = Some(t.numbers[2].id)),
            (&[], |t| t.extensions[1].number_id = None),
            (&["extension-class-not-sold 1"], |t| {
                t.providers[0].cli_prefix = Some("7".parse().unwrap());
                t.providers[1].premcli_prefix = None;
                t.routes.remove(2);
                t.extensions[0].class = Class::Premium;
            }),
            (&[], |t| t.extensions[0].class = Class::Premium),
            (&["extension-behind-service-number 2"], |t| t.extensions[1].number = "911".parse().unwrap()),
            (&["service-number-without-server 3"], |t| {
                t.extensions[1].number = "100".parse().unwrap();
                t.extensions[0].number = "117".parse().unwrap();
                let row = t.service_numbers[0].clone();
                let (country, number) = ("CH".parse().unwrap(), "117".parse().unwrap());
                t.service_numbers.push(ServiceNumber { id: ServiceNumberId(3), country, number, ..row });
            }),
            (&["manager-disabled 1"], |t| t.extensions[1].enabled = false),
            (&[], |t| (t.extensions[1].enabled, t.customers[0].extension_id) = (false, t.extensions[0].id)),
        ]);
    }
}
