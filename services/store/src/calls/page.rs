//! The statement behind a page of calls. Its text is made of words of ours alone; what anybody asks for is bound.

use calls::{CallRecord, Direction, Disposition};
use domain::{E164, Prefix, ProviderId};
use traffic::Outcome;

use super::{
    cursor::Position,
    filter::{CallFilter, CallKey, CallSort, NumberMatch},
    rows::{self, CALLS, FACTS_OF_CALL},
};
use crate::{
    column::{Column, Scalar},
    dialect::Dialect,
    driver::Value,
};

/// How errors call it.
pub(super) const PAGE: &str = "a page of calls";

/// What stands for a time or a duration that is not known, in the order of the calls and in no answer.
pub(super) const UNKNOWN_US: i64 = -i64::MAX;

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    let filter = CallFilter::every_condition();
    let after = "n".parse().map(|node| Position { key: 0, node, created_us: 0, unique_id: "u".into() }).ok();
    CallSort::ALL.map(|sort| (PAGE, statement(dialect, &filter, sort, after.as_ref(), 1).sql)).into()
}

/// A text that grows, with its values.
pub(super) struct Statement<'v> {
    dialect: Dialect,
    pub(super) sql: String,
    pub(super) values: Vec<Value<'v>>,
}

/// Reads the calls that come after a position, as many as asked for.
pub(super) fn statement<'v>(
    dialect: Dialect,
    filter: &'v CallFilter,
    sort: CallSort,
    after: Option<&'v Position>,
    limit: u32,
) -> Statement<'v> {
    let columns = [FACTS_OF_CALL, CALLS.columns].map(|columns| columns.join(", ")).join(", ");
    // Something true, so that every condition may begin with AND.
    let sql = format!("SELECT {columns} FROM calls WHERE revision >= 0");
    let mut statement = Statement { dialect, sql, values: Vec::new() };
    statement.time(&Range::of(filter, sort, after), filter.is_narrow());
    statement.filter(filter);
    if let Some(after) = after {
        statement.after(sort, after);
    }
    statement.order(sort);
    statement.text(" LIMIT ");
    statement.value(Value::Key(Some(limit.into())));
    statement
}

/// When the calls of one page may have begun.
struct Range {
    from_us: Option<i64>,
    to_us: Option<i64>,
}

impl Range {
    /// Where calls stand in the order of their beginning, a position is an end of the time: of two lower ends SQLite takes the
    /// one that is named first, and would read everything before the position again for every page.
    fn of(filter: &CallFilter, sort: CallSort, after: Option<&Position>) -> Self {
        let (from_us, to_us) = (filter.from_us, filter.to_us);
        match after.filter(|_| sort.key == CallKey::Start) {
            None => Self { from_us, to_us },
            Some(after) if sort.descending => {
                let end_us = after.key.saturating_add(1);
                Self { from_us, to_us: Some(to_us.map_or(end_us, |to_us| to_us.min(end_us))) }
            }
            Some(after) => Self { from_us: from_us.max(Some(after.key)), to_us },
        }
    }
}

impl<'v> Statement<'v> {
    fn text(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn value(&mut self, value: Value<'v>) {
        self.values.push(value);
        self.dialect.push_placeholder(&mut self.sql, self.values.len());
    }

    fn compare(&mut self, left: &str, operator: &'static str, value: Value<'v>) {
        self.text(left);
        self.text(operator);
        self.value(value);
    }

    fn and(&mut self, left: &str, operator: &'static str, value: Value<'v>) {
        self.text(" AND ");
        self.compare(left, operator, value);
    }

    fn and_if<S: Scalar>(&mut self, left: &str, operator: &'static str, wanted: Option<&'v S>) {
        if wanted.is_some() {
            self.and(left, operator, S::value(wanted));
        }
    }

    fn and_any<S: Scalar>(&mut self, left: &str, wanted: &'v [S]) {
        for (at, one) in wanted.iter().enumerate() {
            self.text(if at == 0 { " AND " } else { ", " });
            if at == 0 {
                self.text(left);
                self.text(" IN (");
            }
            self.value(one.value());
        }
        if !wanted.is_empty() {
            self.text(")");
        }
    }

    fn filter(&mut self, filter: &'v CallFilter) {
        // SQLite knows nothing of how many rows a node has: by itself it would sort all of them.
        let node = if self.dialect == Dialect::Sqlite { "+node" } else { "node" };
        self.and_any(node, &filter.nodes);
        self.and_if("direction", " = ", filter.direction.as_ref());
        if filter.provider.is_some() {
            self.and("(provider_in", " = ", filter.provider.value());
            self.text(" OR ");
            self.compare("provider_out", " = ", filter.provider.value());
            self.text(")");
        }
        self.and_if("provider_in", " = ", filter.provider_in.as_ref());
        self.and_if("provider_out", " = ", filter.provider_out.as_ref());
        self.numbers(filter);
        self.and_any("disposition", &filter.dispositions);
        self.and_if("cause", " = ", filter.cause.as_ref());
        self.and_if("sip", " = ", filter.sip.as_ref());
        self.and_if("talk_us", " >= ", filter.talk_min_us.as_ref());
        self.and_if("talk_us", " <= ", filter.talk_max_us.as_ref());
        self.and_if("complete", " = ", filter.complete.as_ref());
        self.and_if("country", " = ", filter.country.as_ref());
        self.and_any("outcome", &filter.outcomes);
        for (column, wanted) in [("root", &filter.root), ("decision", &filter.decision)] {
            if let Some(wanted) = wanted {
                self.and(column, " = ", rows::text(wanted));
            }
        }
    }

    /// The key of the partitions is the creation, which is never far from the beginning.
    fn time(&mut self, range: &Range, is_narrow: bool) {
        // SQLite takes any time for narrower than any prefix, and would look at every call of it.
        let is_by_number = self.dialect == Dialect::Sqlite && is_narrow;
        let began = if is_by_number { "+COALESCE(start_us, created_us)" } else { began(self.dialect) };
        let near = CallRecord::CREATION_FROM_START_US;
        let is_partitioned = self.dialect != Dialect::Sqlite;
        if let Some(from_us) = range.from_us {
            self.and(began, " >= ", Value::Key(Some(from_us)));
            if is_partitioned {
                self.and("created_us", " >= ", Value::Key(Some(from_us.saturating_sub(near))));
            }
        }
        if let Some(to_us) = range.to_us {
            self.and(began, " < ", Value::Key(Some(to_us)));
            if is_partitioned {
                self.and("created_us", " <= ", Value::Key(Some(to_us.saturating_add(near))));
            }
        }
    }

    fn numbers(&mut self, filter: &'v CallFilter) {
        let asked: [(&[Party], &Option<NumberMatch>); 3] =
            [(&[CALLER], &filter.caller), (&[CALLED], &filter.called), (&[CALLER, CALLED], &filter.number)];
        for (parties, wanted) in asked {
            let Some(wanted) = wanted else { continue };
            for (at, party) in parties.iter().enumerate() {
                self.text(if at == 0 { " AND (" } else { " OR " });
                self.number(*party, wanted);
            }
            self.text(")");
        }
    }

    /// A prefix is a range of texts, for which the index is good whatever the database's collation; all are digits.
    fn number(&mut self, party: Party, wanted: &'v NumberMatch) {
        match wanted {
            NumberMatch::Exact(number) => self.compare(party.e164, " = ", owned(number.to_string())),
            NumberMatch::Prefix(prefix) => {
                self.text("(");
                self.compare(party.e164, " >= ", owned(prefix.to_string()));
                if let Some(end) = end(*prefix) {
                    self.and(party.e164, " < ", owned(end));
                }
                self.text(")");
            }
            NumberMatch::Dialled(text) => {
                self.compare(party.raw, " = ", rows::text(text));
                if let Ok(number) = text.parse::<E164>() {
                    self.text(" OR ");
                    self.compare(party.e164, " = ", owned(number.to_string()));
                }
            }
        }
    }

    /// Written out, since only some databases find the place of `(a, b) > (c, d)` in an index.
    fn after(&mut self, sort: CallSort, after: &'v Position) {
        let beyond = if sort.descending { " < " } else { " > " };
        let columns = order(self.dialect, sort);
        let values = || {
            [
                Value::Key(Some(after.key)),
                after.node.value(),
                Value::Key(Some(after.created_us)),
                after.unique_id.value(),
            ]
        };
        if sort.key != CallKey::Start {
            let no_before = if sort.descending { " <= " } else { " >= " };
            let [first, ..] = values();
            self.and(columns[0], no_before, first);
        }
        self.text(" AND (");
        let last = columns.len() - 1;
        for ((at, column), value) in columns.iter().enumerate().zip(values()) {
            self.compare(column, beyond, value.clone());
            if at < last {
                self.text(" OR (");
                self.compare(column, " = ", value);
                self.text(" AND (");
            }
        }
        self.text(&"))".repeat(last));
        self.text(")");
    }

    fn order(&mut self, sort: CallSort) {
        let direction = if sort.descending { " DESC" } else { "" };
        for (at, column) in order(self.dialect, sort).iter().enumerate() {
            self.text(if at == 0 { " ORDER BY " } else { ", " });
            self.text(column);
            self.text(direction);
        }
    }
}

/// The columns of whoever calls or is called.
#[derive(Clone, Copy)]
struct Party {
    raw: &'static str,
    e164: &'static str,
}

const CALLER: Party = Party { raw: "caller_raw", e164: "caller_e164" };
const CALLED: Party = Party { raw: "called_raw", e164: "called_e164" };

fn owned<'v>(text: String) -> Value<'v> {
    Value::Text(Some(text.into()))
}

/// When a call began, as the index on it has it. MariaDB indexes columns, not expressions.
fn began(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MariaDb => "began_us",
        Dialect::Postgres | Dialect::Sqlite => "COALESCE(start_us, created_us)",
    }
}

/// What calls stand in the order of. Texts go by their bytes, on Postgres too.
fn order(dialect: Dialect, sort: CallSort) -> [&'static str; 4] {
    let key = match sort.key {
        CallKey::Start => began(dialect),
        CallKey::End => "COALESCE(end_us, -9223372036854775807)",
        CallKey::Wait => "COALESCE(wait_us, -9223372036854775807)",
        CallKey::Talk => "COALESCE(talk_us, -9223372036854775807)",
    };
    match dialect {
        Dialect::Postgres => [key, "node COLLATE \"C\"", "created_us", "unique_id COLLATE \"C\""],
        Dialect::MariaDb | Dialect::Sqlite => [key, "node", "created_us", "unique_id"],
    }
}

/// The first text behind all that begin with a prefix; none behind nines and behind nothing.
fn end(prefix: Prefix) -> Option<String> {
    let digits = prefix.to_string();
    let head = digits.trim_end_matches('9');
    head.parse::<u64>().ok().map(|head| (head + 1).to_string())
}

impl CallFilter {
    /// Whether a number leaves few calls: with seven digits it is more than a country and its largest towns.
    fn is_narrow(&self) -> bool {
        let numbers = [&self.caller, &self.called, &self.number];
        numbers.into_iter().flatten().any(|wanted| match wanted {
            NumberMatch::Exact(_) => true,
            NumberMatch::Prefix(prefix) => prefix.len() >= 7,
            NumberMatch::Dialled(_) => false,
        })
    }

    /// One that needs every part of the statement.
    fn every_condition() -> Self {
        let prefix = NumberMatch::Prefix("1202".parse().unwrap_or(Prefix::ANY));
        Self {
            from_us: Some(0),
            to_us: Some(1),
            nodes: "n".parse().into_iter().collect(),
            direction: Some(Direction::Inbound),
            provider: Some(ProviderId(1)),
            provider_in: Some(ProviderId(1)),
            provider_out: Some(ProviderId(1)),
            caller: Some(prefix),
            called: "12025550100".parse().ok().map(NumberMatch::Exact),
            number: Some(NumberMatch::Dialled("1000".into())),
            dispositions: vec![Disposition::Answered],
            cause: Some(16),
            sip: Some(200),
            talk_min_us: Some(0),
            talk_max_us: Some(1),
            complete: Some(true),
            country: "US".parse().ok(),
            outcomes: vec![Outcome::Answered],
            root: Some("r".into()),
            decision: Some("d".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sql(dialect: Dialect, filter: &CallFilter, sort: CallSort, after: Option<&Position>) -> String {
        let statement = statement(dialect, filter, sort, after, 10);
        let (_, conditions) = statement.sql.split_once(" WHERE revision >= 0").unwrap();
        conditions.to_owned()
    }

    fn position(unique_id: &str) -> Position {
        Position { key: 7, node: "msk".parse().unwrap(), created_us: 5, unique_id: unique_id.into() }
    }

    #[test]
    fn what_is_asked_for_is_bound_and_never_written() {
        let nasty = "x' OR 1=1; --";
        let filter = CallFilter {
            root: Some(nasty.into()),
            decision: Some(nasty.into()),
            caller: Some(NumberMatch::Dialled(nasty.into())),
            ..CallFilter::default()
        };
        let after = position(nasty);
        for dialect in [Dialect::Postgres, Dialect::MariaDb, Dialect::Sqlite] {
            let statement = statement(dialect, &filter, CallSort::OLDEST, Some(&after), 10);
            assert!(!statement.sql.contains("OR 1") && !statement.sql.contains('\''), "{}", statement.sql);
            let placeholders = statement.sql.matches(['?', '$']).count();
            assert_eq!(placeholders, statement.values.len());
        }
    }

    #[test]
    fn a_page_goes_on_behind_a_position() {
        let after = position("u");
        assert_eq!(
            sql(Dialect::MariaDb, &CallFilter::default(), CallSort::NEWEST, Some(&after)),
            " AND began_us < ? AND created_us <= ? AND (began_us < ? OR (began_us = ? AND (node < ? OR (node = ? AND \
             (created_us < ? OR (created_us = ? AND (unique_id < ?))))))) ORDER BY began_us DESC, node DESC, created_us DESC, \
             unique_id DESC LIMIT ?"
        );
    }

    #[test]
    fn a_position_takes_the_place_of_the_end_it_is_beyond() {
        let filter = CallFilter { from_us: Some(3), to_us: Some(9), ..CallFilter::default() };
        let (earlier, later) = (Position { key: 2, ..position("u") }, Position { key: 30, ..position("u") });
        let ends = |sort, after| {
            let Range { from_us, to_us } = Range::of(&filter, sort, after);
            (from_us.unwrap(), to_us.unwrap())
        };
        let middle = position("u");
        assert_eq!(ends(CallSort::OLDEST, None), (3, 9));
        assert_eq!(ends(CallSort::OLDEST, Some(&middle)), (7, 9));
        assert_eq!(ends(CallSort::OLDEST, Some(&earlier)), (3, 9));
        assert_eq!(ends(CallSort::NEWEST, Some(&middle)), (3, 8));
        assert_eq!(ends(CallSort::NEWEST, Some(&later)), (3, 9));
        for sort in CallSort::ALL.into_iter().filter(|sort| sort.key != CallKey::Start) {
            assert_eq!(ends(sort, Some(&middle)), (3, 9));
        }
        let oldest = sql(Dialect::Sqlite, &filter, CallSort::OLDEST, Some(&middle));
        assert_eq!(oldest.matches("COALESCE(start_us, created_us) >= ").count(), 1, "{oldest}");
    }

    #[test]
    fn a_time_names_the_months_it_may_be_in() {
        let filter =
            CallFilter { from_us: Some(100_000_000), to_us: Some(i64::MAX), ..CallFilter::default() };
        let of = |dialect| sql(dialect, &filter, CallSort::OLDEST, None);
        assert!(of(Dialect::Postgres).starts_with(
            " AND COALESCE(start_us, created_us) >= $1 AND created_us >= $2 AND COALESCE(start_us, created_us) < $3 \
             AND created_us <= $4 ORDER BY"
        ));
        assert!(!of(Dialect::Sqlite).contains(" created_us >="));
    }

    proptest! {
        #[test]
        fn a_range_of_texts_is_a_prefix(prefix in "([1-9][0-9]{0,5})?", number in "[1-9][0-9]{0,8}") {
            let wanted: Prefix = prefix.parse().unwrap();
            let number: E164 = number.parse().unwrap();
            let (text, begin) = (number.to_string(), wanted.to_string());
            let is_in = text >= begin && end(wanted).is_none_or(|end| text < end);
            prop_assert_eq!(is_in, wanted.matches(number));
        }
    }
}
