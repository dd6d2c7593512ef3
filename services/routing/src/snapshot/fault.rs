use std::fmt;

/// One thing that keeps the tables from being a configuration, by the place a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFault {
    pub table: &'static str,
    /// The key of the row.
    pub key: String,
    pub field: &'static str,
    /// What is wrong, to be read after "is" or on its own.
    pub rule: String,
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} {}", self.table, self.key, self.field, self.rule)
    }
}

/// Everything that is wrong, so that one round of mending is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFaults(pub Vec<TableFault>);

impl TableFaults {
    /// Most faults an error text repeats.
    const SHOWN: usize = 20;

    pub(crate) fn add(
        &mut self,
        table: &'static str,
        key: impl fmt::Display,
        field: &'static str,
        rule: impl Into<String>,
    ) {
        self.0.push(TableFault { table, key: key.to_string(), field, rule: rule.into() });
    }
}

impl fmt::Display for TableFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the tables are no valid configuration")?;
        for fault in self.0.iter().take(Self::SHOWN) {
            write!(f, "; {fault}")?;
        }
        match self.0.len().saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for TableFaults {}
