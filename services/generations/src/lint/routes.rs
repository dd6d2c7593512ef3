//! Routes that no call ever takes.

use std::collections::hash_map::Entry;

use domain::{Class, Prefix, ProviderId};
use routing::{
    TableName,
    tables::{DEFAULT_RANK, Provider, Route},
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Findings, Known, Rule, is_open, sells};

static CLOSED: Rule = Rule::warning("routes-of-closed-provider", TableName::Provider);
static ALL_DISABLED: Rule = Rule::warning("routes-all-disabled", TableName::Provider);
static UNSOLD: Rule = Rule::warning("route-class-not-sold", TableName::Route);
static SHADOWED: Rule = Rule::warning("route-shadowed", TableName::Route);
static LONG: Rule = Rule::warning("route-prefix-too-long", TableName::Route);
static WEIGHTLESS: Rule = Rule::warning("route-weight-zero", TableName::Route);

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let survey = Survey::new(known);
    for (provider, routes) in &survey.routes {
        check_provider(known, *provider, *routes, findings);
    }
    for row in known.tables.routes.rows().filter(|row| row.enabled) {
        if let Some(provider) = known.provider(row.provider_id).filter(|provider| is_open(provider)) {
            survey.check_route(row, provider, findings);
        }
    }
}

/// How many routes a provider has.
#[derive(Clone, Copy, Default)]
struct Routes {
    all: usize,
    enabled: usize,
}

fn check_provider(known: &Known<'_>, id: ProviderId, routes: Routes, findings: &mut Findings) {
    let Some(provider) = known.provider(id) else { return };
    if !is_open(provider) && routes.enabled > 0 {
        let why = if provider.enabled { "sells no outgoing calls" } else { "is disabled" };
        findings.add(&CLOSED, id, format_args!("{why}, so none of its {} routes is taken", routes.enabled));
    }
    if is_open(provider) && routes.enabled == 0 {
        let message = format_args!("takes no destination: all {} of its routes are disabled", routes.all);
        findings.add(&ALL_DISABLED, id, message);
    }
}

/// Who has weight at one priority.
enum Weighted {
    One(ProviderId),
    Several,
}

/// What one pass over the routes tells.
struct Survey {
    routes: FxHashMap<ProviderId, Routes>,
    /// The enabled routes of one class.
    of_class: FxHashSet<(ProviderId, Prefix, Class)>,
    weighted: FxHashMap<u16, Weighted>,
    /// Most digits a number can have, by the calling code.
    longest: FxHashMap<u64, usize>,
}

impl Survey {
    fn new(known: &Known<'_>) -> Self {
        let mut survey = Self {
            routes: FxHashMap::default(),
            of_class: FxHashSet::default(),
            weighted: FxHashMap::default(),
            longest: longest_numbers(known),
        };
        for row in known.tables.routes.rows() {
            let routes = survey.routes.entry(row.provider_id).or_default();
            routes.all += 1;
            if !row.enabled {
                continue;
            }
            routes.enabled += 1;
            if let Some(class) = row.class {
                survey.of_class.insert((row.provider_id, row.prefix, class));
            }
            if row.weight > 0 && known.provider(row.provider_id).is_some_and(is_open) {
                survey.weigh(row.priority, row.provider_id);
            }
        }
        // A provider without any route takes everything at the default place.
        for row in known.open_providers() {
            if !survey.routes.contains_key(&row.id) {
                survey.weigh(DEFAULT_RANK, row.id);
            }
        }
        survey
    }

    fn weigh(&mut self, priority: u16, provider: ProviderId) {
        match self.weighted.entry(priority) {
            Entry::Vacant(place) => drop(place.insert(Weighted::One(provider))),
            Entry::Occupied(mut place) => {
                if !matches!(place.get(), Weighted::One(only) if *only == provider) {
                    place.insert(Weighted::Several);
                }
            }
        }
    }

    fn check_route(&self, row: &Route, provider: &Provider, findings: &mut Findings) {
        match row.class {
            Some(class) if !sells(provider, class) => {
                findings.add(
                    &UNSOLD,
                    row.id,
                    format_args!("is for {class}, which its provider does not sell"),
                );
            }
            None if self.is_shadowed(row, provider) => {
                let message =
                    "is never taken: its provider has routes of the same prefix for each class it sells";
                findings.add(&SHADOWED, row.id, message);
            }
            _ => {}
        }
        if let Some(longest) = self.longest(row.prefix).filter(|longest| row.prefix.len() > *longest) {
            let message = format_args!(
                "has a prefix of {} digits, more than the {longest} any number of that country has",
                row.prefix.len()
            );
            findings.add(&LONG, row.id, message);
        }
        if row.weight == 0 && self.has_rivals(row) {
            let message = format_args!(
                "has weight 0: other providers of priority {} are always tried first",
                row.priority
            );
            findings.add(&WEIGHTLESS, row.id, message);
        }
    }

    fn is_shadowed(&self, row: &Route, provider: &Provider) -> bool {
        let mut sold = Class::ALL.iter().filter(|class| sells(provider, **class));
        sold.all(|class| self.of_class.contains(&(row.provider_id, row.prefix, *class)))
    }

    fn has_rivals(&self, row: &Route) -> bool {
        match self.weighted.get(&row.priority) {
            Some(Weighted::One(only)) => *only != row.provider_id,
            Some(Weighted::Several) => true,
            None => false,
        }
    }

    /// Most digits numbers with this prefix have, where the country is known.
    fn longest(&self, prefix: Prefix) -> Option<usize> {
        (1..=3.min(prefix.len()))
            .find_map(|length| self.longest.get(&prefix.shortened(length).digits()))
            .copied()
    }
}

/// Of countries that share a calling code the one with the longest numbers counts.
fn longest_numbers(known: &Known<'_>) -> FxHashMap<u64, usize> {
    let mut longest = FxHashMap::default();
    for row in known.tables.countries.rows() {
        let digits = row.calling_code.as_str().len() + usize::from(row.national_digits_max);
        if let Ok(code) = row.calling_code.as_str().parse() {
            let most = longest.entry(code).or_insert(0);
            *most = digits.max(*most);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use domain::{Class, RouteId};
    use routing::tables::Route;

    use crate::lint::tests::{base, check};

    fn route(id: i64, prefix: &str, class: Option<Class>) -> Route {
        Route { id: RouteId(id), prefix: prefix.parse().unwrap(), class, ..base().routes[1].clone() }
    }

    #[test]
    fn each_rule_strikes_where_it_should_and_nowhere_else() {
        check(&[
            (&["routes-of-closed-provider 2", "number-of-disabled-provider 3"], |t| {
                t.providers[1].enabled = false;
                t.service_numbers[1].provider_id = t.providers[0].id;
            }),
            (&["number-of-disabled-provider 3"], |t| {
                t.providers[1].enabled = false;
                t.routes.iter_mut().for_each(|route| route.enabled = route.provider_id.0 == 1);
                t.service_numbers[1].provider_id = t.providers[0].id;
            }),
            (&["prefix-of-number-provider 2", "routes-of-closed-provider 2"], |t| {
                t.providers[1].sells_outgoing = false;
            }),
            (&["routes-all-disabled 1"], |t| t.routes[0].enabled = false),
            (&["route-class-not-sold 3"], |t| t.providers[1].premcli_prefix = None),
            (&[], |t| {
                t.providers[1].premcli_prefix = None;
                t.routes[2].enabled = false;
            }),
            (&["route-shadowed 2"], |t| {
                t.routes.extend(Class::ALL.iter().zip(10..).map(|(class, id)| route(id, "", Some(*class))));
            }),
            (&["route-shadowed 2"], |t| {
                t.providers[1].premcli_prefix = None;
                t.routes.remove(2);
                t.routes.extend([route(10, "", Some(Class::Cli)), route(11, "", Some(Class::NonCli))]);
            }),
            (&[], |t| t.routes.extend([route(10, "", Some(Class::Cli)), route(11, "", Some(Class::NonCli))])),
            (&[], |t| {
                t.routes.extend(Class::ALL.iter().zip(10..).map(|(class, id)| route(id, "7", Some(*class))));
            }),
            (&["route-prefix-too-long 10"], |t| t.routes.push(route(10, "120255501000", None))),
            (&[], |t| t.routes.extend([route(10, "12025550100", None), route(11, "999999999999", None)])),
            (&["route-weight-zero 1"], |t| t.routes[0].weight = 0),
            (&[], |t| {
                t.routes[0].weight = 0;
                t.routes[0].priority = 10;
            }),
            (&[], |t| t.routes[1..].iter_mut().for_each(|route| (route.weight, route.priority) = (0, 10))),
            (&["route-weight-zero 1"], |t| {
                t.routes.truncate(1);
                t.routes[0].weight = 0;
            }),
        ]);
    }
}
