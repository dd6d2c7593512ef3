//! The tables of calls consist of months, where the database has such parts.

use super::rows::{ATTEMPTS, CALLS, LEGS};
use crate::{error::StoreError, partitions::Parted, store::Store};

impl Store {
    /// Makes the parts of the tables of calls for the month of `now_us` and the two after it, and tells how many it
    /// made: to be called now and then, a day apart or a week.
    pub async fn prepare_call_partitions(&self, now_us: i64) -> Result<u32, StoreError> {
        let parted = [CALLS, LEGS, ATTEMPTS].map(|rows| Parted { table: rows.table, time: rows.columns[1] });
        self.prepare_partitions(&parted, now_us).await
    }
}
