use domain::E164;
use rustc_hash::FxHashSet;

use super::{TableFaults, parts::Part};
use crate::ChunkedTables;

/// The calling codes of the countries we know.
#[derive(Debug)]
pub(crate) struct CallingCodes(FxHashSet<u64>);

impl CallingCodes {
    /// No calling code is the start of another (ITU-T E.164 Annex D), so the first that fits is the one.
    pub(crate) fn of(&self, number: E164) -> Option<u64> {
        (1..=3).map(|length| number.leading(length)).find(|code| self.0.contains(code))
    }
}

impl Part for CallingCodes {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        Self(tables.countries.rows().filter_map(|row| row.calling_code.as_str().parse().ok()).collect())
    }
}
