use domain::{CountryCode, E164};
use rustc_hash::FxHashMap;

use super::{TableFaults, parts::Part};
use crate::ChunkedTables;

/// The calling codes of the countries we know, and the country where one has it to itself.
#[derive(Debug)]
pub(crate) struct CallingCodes(FxHashMap<u64, Option<CountryCode>>);

impl CallingCodes {
    pub(crate) fn of(&self, number: E164) -> Option<u64> {
        self.find(number).map(|(code, _)| code)
    }

    /// The only country a number can be of.
    pub(crate) fn country(&self, number: E164) -> Option<CountryCode> {
        self.find(number).and_then(|(_, country)| country)
    }

    /// No calling code is the start of another (ITU-T E.164 Annex D), so the first that fits is the one.
    fn find(&self, number: E164) -> Option<(u64, Option<CountryCode>)> {
        (1..=3).map(|length| number.leading(length)).find_map(|code| Some((code, *self.0.get(&code)?)))
    }
}

impl Part for CallingCodes {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let mut codes = FxHashMap::default();
        for row in tables.countries.rows() {
            let Ok(code) = row.calling_code.as_str().parse() else { continue };
            codes.entry(code).and_modify(|country| *country = None).or_insert(Some(row.iso));
        }
        Self(codes)
    }
}
