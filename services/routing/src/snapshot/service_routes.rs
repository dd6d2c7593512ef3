use domain::{CountryCode, Digits};
use rustc_hash::FxHashMap;

use super::{
    TableFaults,
    parts::Part,
    provider::{ProviderIndex, positions},
};
use crate::ChunkedTables;

/// A provider that carries an emergency or service number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceRoute {
    pub(crate) priority: u16,
    pub(crate) provider: ProviderIndex,
    pub(crate) dialled: Digits,
}

/// Who carries the emergency and service numbers of each country, in order of preference.
#[derive(Debug)]
pub(crate) struct ServiceRoutes(FxHashMap<(CountryCode, Digits), Vec<ServiceRoute>>);

impl ServiceRoutes {
    pub(crate) fn of(&self, country: CountryCode, number: Digits) -> Option<&[ServiceRoute]> {
        self.0.get(&(country, number)).map(Vec::as_slice)
    }
}

impl Part for ServiceRoutes {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let positions = positions(tables);
        let mut routes: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for row in tables.service_numbers.rows() {
            let Some(&provider) = positions.get(&row.provider_id) else { continue };
            let dialled = row.dialled_as.unwrap_or(row.number);
            let route = ServiceRoute { priority: row.priority, provider, dialled };
            routes.entry((row.country, row.number)).or_default().push(route);
        }
        for routes in routes.values_mut() {
            routes.sort_by_key(|route| (route.priority, route.provider));
        }
        Self(routes)
    }
}
