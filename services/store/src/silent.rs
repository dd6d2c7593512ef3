use futures_util::TryStreamExt;

use crate::{column::Column, driver::Connection, error::StoreError, table::CellReader};

/// Rows that stand for somebody who gives signs of life, and how those go who give none any more.
pub(crate) struct Silent {
    pub(crate) table: &'static str,
    /// Names those that were not heard of since `$1`.
    pub(crate) find: &'static str,
    /// Removes the one with the name `$1`.
    pub(crate) remove: &'static str,
}

impl Silent {
    /// One by one: to look for them in a DELETE would lock the rows of all others on MariaDB, and two who give their
    /// signs at once each other out.
    pub(crate) async fn forget<C: Connection>(
        &self,
        connection: &mut C,
        before_us: i64,
    ) -> Result<(), StoreError> {
        let silent = connection.rows(self.find, &[before_us.value()]).try_collect::<Vec<_>>().await;
        for row in silent.map_err(StoreError::driver(self.find))? {
            let name: String = CellReader::new(&row, self.table, &["name"]).take()?;
            let removed = connection.run(self.remove, &[name.value()]).await;
            removed.map_err(StoreError::driver(self.remove))?;
        }
        Ok(())
    }
}
