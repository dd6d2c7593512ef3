use std::{collections::BTreeMap, process::ExitCode};

use domain::{Moment, ProviderAddressId};
use names::{Condition, Rules};
use routing::{
    ListedAddress, Locations, listing,
    tables::{ProviderAddress, Tables},
};
use runtime::{Config, now_us};
use serde::Serialize;
use store::{KeptName, QuarantineState, Store};

use crate::{
    answer,
    commands::generations::instant,
    failure::{DONE, Failure},
};

/// An end so near is worth a word where nothing follows.
const SOON_US: i64 = 14 * DAY_US;
const DAY_US: i64 = 86_400 * 1_000_000;

pub(super) async fn run(
    config: &Config,
    store: &Store,
    provider: Option<&str>,
    json: bool,
) -> Result<ExitCode, Failure> {
    let tables = store.tables().await?;
    let known = Known::read(config, store).await?;
    let locations = Locations::new(&tables.resolved_addresses);
    let listed = listing(&tables);
    let wanted = listed.iter().filter(|row| provider.is_none_or(|name| row.provider.providername == name));
    let rows: Vec<_> = wanted.map(|row| known.view(row, &locations, &tables)).collect();
    if json {
        answer::json(&rows)?;
    } else {
        let header = [
            "id",
            "provider",
            "address",
            "stands for",
            "direction",
            "valid",
            "name",
            "good",
            "next",
            "remarks",
        ];
        answer::table(&header, rows.into_iter().map(View::cells));
    }
    Ok(DONE)
}

/// What is known of names beside the tables.
struct Known {
    names: BTreeMap<ProviderAddressId, KeptName>,
    waiting: BTreeMap<ProviderAddressId, usize>,
    rules: Rules,
    now_us: i64,
}

impl Known {
    async fn read(config: &Config, store: &Store) -> Result<Self, Failure> {
        let mut waiting = BTreeMap::new();
        for row in store.quarantined_addresses().await? {
            if row.state == QuarantineState::Waiting {
                *waiting.entry(row.provider_address).or_default() += 1;
            }
        }
        let names = store.kept_names().await?.into_iter().map(|kept| (kept.address, kept)).collect();
        Ok(Self { names, waiting, rules: resolver::rules(&config.resolver), now_us: now_us() })
    }

    fn view(&self, row: &ListedAddress<'_>, locations: &Locations<'_>, tables: &Tables) -> View {
        let address = row.address;
        let name = self.names.get(&address.id).filter(|_| address.unpinned_name().is_some());
        let state = name.map(|name| &name.state);
        let condition = address
            .unpinned_name()
            .map(|_| state.map_or(Condition::Unknown, |state| state.condition(&self.rules, self.now_us)));
        View {
            id: address.id.0,
            provider: row.provider.providername.clone(),
            address: address.domainname.to_string(),
            networks: locations.of(address).map(|at| at.network.to_string()).collect(),
            direction: address.direction.to_string(),
            purpose: address.purpose.to_string(),
            valid_from: address.valid_from,
            valid_to: address.valid_to,
            condition: condition.map(Condition::as_str),
            good: state.and_then(|state| state.good_us).map(instant),
            next: state.map(|state| state.next_us).filter(|us| *us > 0).map(instant),
            quarantined: self.waiting.get(&address.id).copied().unwrap_or_default(),
            remark: self.remark(address, tables),
        }
    }

    fn remark(&self, row: &ProviderAddress, tables: &Tables) -> Option<String> {
        if !row.enabled {
            return Some("disabled".to_owned());
        }
        if row.valid_from.is_some_and(|from| from.us() > self.now_us) {
            return Some("not valid yet".to_owned());
        }
        let left_us = row.valid_to?.us() - self.now_us;
        if left_us <= 0 {
            return Some("not valid any more".to_owned());
        }
        let ends = left_us <= SOON_US && !has_successor(row, tables);
        ends.then(|| format!("ends in {} days, and nothing follows", left_us / DAY_US))
    }
}

/// Whether another address of the provider is good for the same when this one is over.
fn has_successor(row: &ProviderAddress, tables: &Tables) -> bool {
    let same = |other: &&ProviderAddress| {
        other.id != row.id
            && other.provider_id == row.provider_id
            && other.enabled
            && (!row.direction.allows_in() || other.direction.allows_in())
            && (!row.direction.allows_out() || other.direction.allows_out())
    };
    let after_us = row.valid_to.map(Moment::us);
    tables.provider_addresses.iter().filter(same).any(|other| other.validity().holds(after_us))
}

/// Times are UTC.
#[derive(Serialize)]
struct View {
    id: i64,
    provider: String,
    address: String,
    /// What it stands for; nothing: not resolved.
    networks: Vec<String>,
    direction: String,
    purpose: String,
    valid_from: Option<Moment>,
    valid_to: Option<Moment>,
    /// How its name does: `unknown`, `good`, `failing`, `stale`; null: there is nothing to resolve.
    condition: Option<&'static str>,
    /// When DNS gave a good answer last.
    good: Option<String>,
    next: Option<String>,
    /// Addresses that wait for a person.
    quarantined: usize,
    remark: Option<String>,
}

impl View {
    fn cells(self) -> [String; 10] {
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
        let valid = match (self.valid_from, self.valid_to) {
            (None, None) => "always".to_owned(),
            (from, to) => format!("{} – {}", moment(from), moment(to)),
        };
        let waiting = (self.quarantined > 0).then(|| format!("{} in quarantine", self.quarantined));
        let remarks: Vec<_> = self.remark.into_iter().chain(waiting).collect();
        [
            self.id.to_string(),
            self.provider,
            self.address,
            if self.networks.is_empty() { "-".to_owned() } else { self.networks.join(", ") },
            format!("{} {}", self.direction, self.purpose),
            valid,
            self.condition.unwrap_or_default().to_owned(),
            self.good.unwrap_or_default(),
            self.next.unwrap_or_default(),
            remarks.join("; "),
        ]
    }
}
