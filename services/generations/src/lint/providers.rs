//! Providers that earn nothing, and tariff prefixes that a carrier cannot tell apart.

use domain::{Class, Digits, ProviderId};
use routing::{TableName, tables::Provider};
use rustc_hash::FxHashMap;

use super::{Findings, Known, Rule, is_open, numbers::Pool};

static NOTHING: Rule = Rule::warning("provider-with-nothing", TableName::Provider);
static UNDIALLED: Rule = Rule::warning("provider-not-dialled", TableName::Provider);
static UNRECOGNISED: Rule = Rule::warning("provider-not-recognised", TableName::Provider);
static SHOWS_NOTHING: Rule = Rule::warning("provider-shows-nothing", TableName::Provider);
static NUMBERS_ONLY: Rule = Rule::warning("prefix-of-number-provider", TableName::Provider);
static SAME_PREFIX: Rule = Rule::warning("tariff-prefixes-equal", TableName::Provider);
static AMBIGUOUS_PREFIX: Rule = Rule::warning("tariff-prefixes-ambiguous", TableName::Provider);

pub(super) fn check(known: &Known<'_>, pools: &FxHashMap<ProviderId, Pool>, findings: &mut Findings) {
    let addressed: rustc_hash::FxHashSet<ProviderId> =
        known.tables.provider_addresses.rows().map(|row| row.provider_id).collect();
    for row in known.tables.providers.rows() {
        check_prefixes(row, findings);
        let pool = pools.get(&row.id).copied().unwrap_or_default();
        if !row.enabled {
            continue;
        }
        if pool.numbers == 0 && !addressed.contains(&row.id) {
            findings.add(&NOTHING, row.id, "has neither an address nor a number");
            continue;
        }
        check_use(known, row, pool, findings);
    }
}

fn check_use(known: &Known<'_>, row: &Provider, pool: Pool, findings: &mut Findings) {
    if is_open(row) && !known.dialled.contains(&row.id) && !known.gated.contains(&row.id) {
        findings.add(&UNDIALLED, row.id, "sells outgoing calls but has no enabled address to dial");
    }
    if pool.incoming > 0 && !known.recognised.contains(&row.id) {
        let message = format_args!(
            "has no enabled address calls come from: calls to its {} enabled incoming numbers are refused",
            pool.incoming
        );
        findings.add(&UNRECOGNISED, row.id, message);
    }
    let any_number = row.dynamic_calls || row.dynamic_calls_caller_id.is_some();
    if is_open(row) && !any_number && pool.showable == 0 {
        let message = "lets only its own numbers be shown and has none for outgoing calls: no ordinary call goes out through it";
        findings.add(&SHOWS_NOTHING, row.id, message);
    }
}

fn check_prefixes(row: &Provider, findings: &mut Findings) {
    let prefixes = [
        (Class::NonCli, row.noncli_prefix),
        (Class::Cli, row.cli_prefix),
        (Class::Premium, row.premcli_prefix),
    ];
    let prefixes: Vec<(Class, Digits)> =
        prefixes.into_iter().filter_map(|(class, prefix)| Some((class, prefix?))).collect();
    if !row.sells_outgoing && !prefixes.is_empty() {
        findings.add(&NUMBERS_ONLY, row.id, "sells no outgoing calls, so its tariff prefixes mean nothing");
    }
    for (at, (class, prefix)) in prefixes.iter().enumerate() {
        for (other, longer) in &prefixes[at + 1..] {
            if prefix == longer {
                let message = format_args!("has one tariff prefix for {class} and {other}");
                findings.add(&SAME_PREFIX, row.id, message);
            } else if is_ambiguous(prefix, longer) || is_ambiguous(longer, prefix) {
                let message = format_args!(
                    "has tariff prefixes for {class} and {other} of which one starts with the other: some numbers \
                     after the shorter look like others after the longer"
                );
                findings.add(&AMBIGUOUS_PREFIX, row.id, message);
            }
        }
    }
}

/// Whether the shorter prefix and a number can be read as the longer one and a shorter number. No number starts with 0.
fn is_ambiguous(shorter: &Digits, longer: &Digits) -> bool {
    let rest = longer.as_str().strip_prefix(shorter.as_str());
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use domain::{Direction, ProviderId};
    use routing::tables::Provider;

    use crate::lint::tests::check;

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["provider-with-nothing 9"], |t| {
                let id = ProviderId(9);
                t.providers.push(Provider { id, ..t.providers[1].clone() });
            }),
            (&[], |t| {
                let id = ProviderId(9);
                t.providers.push(Provider { id, enabled: false, ..t.providers[1].clone() });
            }),
            (&["provider-not-dialled 1", "service-number-not-dialled 1"], |t| {
                t.provider_addresses[0].enabled = false;
                t.gates.clear();
            }),
            (&["service-number-not-dialled 1"], |t| t.provider_addresses[0].enabled = false),
            (&["provider-not-recognised 1"], |t| t.provider_addresses[1].enabled = false),
            (&[], |t| {
                t.provider_addresses[1].enabled = false;
                t.numbers[0].direction = Direction::Out;
            }),
            (
                &[
                    "extension-shows-unusable-number 1",
                    "extension-shows-unusable-number 2",
                    "gate-of-incoming-number 1",
                    "provider-shows-nothing 1",
                ],
                |t| {
                    t.numbers[0].direction = Direction::In;
                    t.numbers[1].enabled = false;
                },
            ),
            (&[], |t| {
                t.numbers[1].provider_id = t.providers[1].id;
                t.providers[0].dynamic_calls_caller_id = Some("12025550100".parse().unwrap());
            }),
            (&["prefix-of-number-provider 1"], |t| {
                t.providers[0].sells_outgoing = false;
                t.providers[0].cli_prefix = Some("7".parse().unwrap());
                t.routes.remove(0);
            }),
            (&["tariff-prefixes-equal 2"], |t| t.providers[1].cli_prefix = Some("11".parse().unwrap())),
            (&["tariff-prefixes-ambiguous 2"], |t| t.providers[1].cli_prefix = Some("112".parse().unwrap())),
            (&["tariff-prefixes-ambiguous 2"], |t| {
                t.providers[1].noncli_prefix = Some("337".parse().unwrap());
            }),
            (&[], |t| t.providers[1].cli_prefix = Some("110".parse().unwrap())),
            (&[], |t| t.providers[1].noncli_prefix = Some("330".parse().unwrap())),
        ]);
    }
}
