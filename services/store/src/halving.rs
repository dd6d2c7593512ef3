//! What a table refuses must not hold up what comes after it: of rows that are refused together those are found that are
//! to blame.

use crate::{
    driver::Connection,
    error::StoreError,
    write::{RELEASE, ROLLBACK, SAVEPOINT},
};

/// Longest name of a rule that is kept, characters.
const RULE_CHARS_MAX: usize = 200;

/// How records of one kind are written, and what is done with one that is refused.
pub(crate) trait Writing<C: Connection, R> {
    /// Writes the rows of some records in place of what may be there.
    async fn write(&self, connection: &mut C, records: &[R]) -> Result<(), StoreError>;

    /// Puts a record where somebody finds it, with what the database calls the rule it breaks.
    async fn set_aside(&self, connection: &mut C, record: &R, rule: &str) -> Result<(), StoreError>;
}

/// What became of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Halved {
    pub(crate) written: u64,
    pub(crate) set_aside: u64,
}

/// Writes records. Where they are refused, halves them until the one is left that is to blame.
pub(crate) async fn write_or_set_aside<C: Connection, R, W: Writing<C, R>>(
    connection: &mut C,
    writing: &W,
    records: &[R],
) -> Result<Halved, StoreError> {
    let mut halved = Halved::default();
    // As deep as halving goes.
    let mut parts = vec![records];
    while let Some(part) = parts.pop() {
        let refused = if part.is_empty() { None } else { attempt(connection, writing, part).await? };
        match (refused, part) {
            (None, _) => halved.written += part.len() as u64,
            (Some(rule), [one]) => {
                writing.set_aside(connection, one, &rule).await?;
                halved.set_aside += 1;
            }
            (Some(_), _) => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
        }
    }
    Ok(halved)
}

/// Writes the records, or gives the rule they break, shortened. Whatever else goes wrong is not their fault.
async fn attempt<C: Connection, R, W: Writing<C, R>>(
    connection: &mut C,
    writing: &W,
    part: &[R],
) -> Result<Option<String>, StoreError> {
    connection.command(SAVEPOINT).await.map_err(StoreError::driver(SAVEPOINT))?;
    let error = match writing.write(connection, part).await {
        Ok(()) => {
            connection.command(RELEASE).await.map_err(StoreError::driver(RELEASE))?;
            return Ok(None);
        }
        Err(error) => error,
    };
    let StoreError::Driver { source, .. } = &error else { return Err(error) };
    let Some(rule) = source.as_database_error().and_then(|refused| C::DIALECT.broken_rule(refused)) else {
        return Err(error);
    };
    connection.command(ROLLBACK).await.map_err(StoreError::driver(ROLLBACK))?;
    Ok(Some(rule.replace('\0', "").chars().take(RULE_CHARS_MAX).collect()))
}
