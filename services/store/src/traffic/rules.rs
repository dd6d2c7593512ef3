//! The rules that say what became of an attempt, and what the roll-ups were made by.

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use traffic::{Outcome, RULES_MAX, Rule, Rules, Span};

use super::marks::{self, Everything};
use crate::{
    column::{Column, Scalar},
    dialect::Dialect,
    driver::{Cells, Connection, Value},
    error::{Impossible, StoreError},
    lease::{in_transaction, on_connection},
    store::Store,
    table::{CellReader, first_row},
};

const TABLE: &str = "outcome_rules";
const COLUMNS: &[&str] =
    &["priority", "sip_from", "sip_to", "cause_from", "cause_to", "dialstatus", "rang", "class", "comment"];
const LIST: &str = "SELECT priority, sip_from, sip_to, cause_from, cause_to, dialstatus, rang, class, comment \
     FROM outcome_rules ORDER BY priority LIMIT $1";
const SET: &str = "INSERT INTO outcome_rules \
     (priority, sip_from, sip_to, cause_from, cause_to, dialstatus, rang, class, comment)";
const REMOVE: &str = "DELETE FROM outcome_rules WHERE priority = $1";

const BASIS: &str = "traffic_basis";
const MADE_BY: &str = "SELECT sha256 FROM traffic_basis WHERE name = 'rules'";
const MAKE_BY: &str = "INSERT INTO traffic_basis (name, sha256)";
/// Whoever holds it sums up, or says by which rules.
const LOCK: &str = "UPDATE locks SET name = name WHERE name = 'traffic'";

pub(super) const STATEMENTS: [&str; 4] = [LIST, REMOVE, MADE_BY, LOCK];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![(SET, dialect.upsert(SET, COLUMNS)), (MAKE_BY, dialect.upsert(MAKE_BY, &["name", "sha256"]))]
}

impl Scalar for Outcome {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        Value::Text(scalar.map(|outcome| outcome.word().into()))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        Ok(row.text(at)?.map(str::parse).transpose()?)
    }
}

impl Store {
    /// The rules in their order, at most [`RULES_MAX`].
    pub async fn outcome_rules(&self) -> Result<Rules, StoreError> {
        on_connection!(self, connection => read(connection).await)
    }

    /// Adds a rule, or writes it over the one of its priority.
    pub async fn set_outcome_rule(&self, rule: &Rule) -> Result<(), StoreError> {
        on_connection!(self, connection => set(connection, rule).await)
    }

    /// Removes the rule of a priority; `false` if there is none.
    pub async fn remove_outcome_rule(&self, priority: i64) -> Result<bool, StoreError> {
        let values = [priority.value()];
        let removed = on_connection!(self, connection => connection.run(REMOVE, &values).await);
        Ok(removed.map_err(StoreError::driver(REMOVE))? > 0)
    }

    /// Where the rules are not those by which the quarters were summed up, marks all of them; tells how many that are.
    /// None: the rules are the same.
    pub async fn follow_outcome_rules(&self) -> Result<Option<u64>, StoreError> {
        if on_connection!(self, connection => current(connection).await)?.is_some() {
            return Ok(None);
        }
        in_transaction!(self, begin_bulk, connection => follow(connection).await)
    }
}

pub(crate) async fn lock<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    if connection.run(LOCK, &[]).await.map_err(StoreError::driver(LOCK))? == 0 {
        return Err(StoreError::NoSuch { table: "locks", row: "traffic".to_owned() });
    }
    Ok(())
}

/// The rules, if it was they by which the quarters were summed up.
pub(super) async fn current<C: Connection>(connection: &mut C) -> Result<Option<Rules>, StoreError> {
    let rules = read(connection).await?;
    let basis = made_by(connection).await?;
    Ok(Some(rules).filter(|rules| basis == Some(checksum(rules))))
}

async fn follow<C: Connection>(connection: &mut C) -> Result<Option<u64>, StoreError> {
    lock(connection).await?;
    // Somebody else may have been faster.
    let rules = read(connection).await?;
    let (basis, now) = (made_by(connection).await?, checksum(&rules));
    if basis == Some(now) {
        return Ok(None);
    }
    let marked = match basis {
        // Calls may be older than roll-ups are.
        None => marks::everything(connection, 0).await?,
        Some(_) => marks::mark_all(connection, Everything::SummedUp, 0).await?,
    };
    let sql = C::DIALECT.upsert(MAKE_BY, &["name", "sha256"]);
    let values = [marks::text("rules"), now.value()];
    connection.run_built(sql, &values).await.map_err(StoreError::driver(MAKE_BY))?;
    Ok(Some(marked))
}

async fn made_by<C: Connection>(connection: &mut C) -> Result<Option<[u8; 32]>, StoreError> {
    let row = first_row(connection, MADE_BY, &[]).await?;
    row.map(|row| CellReader::new(&row, BASIS, &["sha256"]).take()).transpose()
}

/// Of everything about the rules but what people say of them.
fn checksum(rules: &Rules) -> [u8; 32] {
    let span = |span: Option<Span>| span.map_or_else(|| "any".to_owned(), |span| span.to_string());
    let mut hash = Sha256::new();
    for Rule { priority, sip, cause, dialstatus, rang, outcome, .. } in rules.as_slice() {
        let (sip, cause) = (span(*sip), span(*cause));
        hash.update(format!("{priority} {sip} {cause} {dialstatus:?} {rang:?} {outcome}\n"));
    }
    hash.finalize().into()
}

async fn read<C: Connection>(connection: &mut C) -> Result<Rules, StoreError> {
    let mut rules = Vec::new();
    let limit = i64::try_from(RULES_MAX).unwrap_or(i64::MAX);
    let mut rows = connection.rows(LIST, &[limit.value()]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        rules.push(read_rule(&row)?);
    }
    Ok(Rules::new(rules))
}

fn read_rule(row: &impl Cells) -> Result<Rule, StoreError> {
    let mut cells = CellReader::new(row, TABLE, COLUMNS);
    let priority: i64 = cells.take()?;
    let sip = span(priority, "sip_from", cells.take()?, cells.take()?)?;
    let cause = span(priority, "cause_from", cells.take()?, cells.take()?)?;
    Ok(Rule {
        priority,
        sip,
        cause,
        dialstatus: cells.take()?,
        rang: cells.take()?,
        outcome: cells.take()?,
        comment: cells.take()?,
    })
}

fn span(
    priority: i64,
    column: &'static str,
    from: Option<u16>,
    to: Option<u16>,
) -> Result<Option<Span>, StoreError> {
    let span = from.zip(to).map(|(from, to)| Span::new(from, to)).transpose();
    span.map_err(|invalid| StoreError::Corrupt {
        table: TABLE,
        column,
        row: format!("priority {priority}"),
        source: invalid.into(),
    })
}

async fn set<C: Connection>(connection: &mut C, rule: &Rule) -> Result<(), StoreError> {
    let ends = |span: Option<Span>| [span.map(Span::from), span.map(Span::to)];
    let (sip, cause) = (ends(rule.sip), ends(rule.cause));
    let values = [
        rule.priority.value(),
        sip[0].value(),
        sip[1].value(),
        cause[0].value(),
        cause[1].value(),
        rule.dialstatus.value(),
        rule.rang.value(),
        rule.outcome.value(),
        rule.comment.value(),
    ];
    let sql = C::DIALECT.upsert(SET, COLUMNS);
    let refused = |error| C::DIALECT.refusal(error, SET, TABLE, format!("priority {}", rule.priority));
    connection.run_built(sql, &values).await.map(|_| ()).map_err(refused)
}
