use std::fmt::Write;

use crate::{column::Column, dialect::Dialect, driver::Value};

/// Calls one statement names. MariaDB reads a list of a thousand as a subquery, and then the whole table.
pub(super) const IDS_PER_STATEMENT: usize = 400;

/// Which call of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    pub(super) created_us: i64,
    pub(super) unique_id: Box<str>,
}

impl Id {
    pub(super) fn push<'v>(&'v self, values: &mut Vec<Value<'v>>) {
        values.extend([self.created_us.value(), self.unique_id.value()]);
    }
}

/// The end of a statement: the rows of `ids` calls of one quarter. Its values are the node, the first and the last
/// microsecond of the quarter, and times and ids of the calls, from the `first`th on. `key` are the columns of node, time and
/// id.
pub(super) fn of_calls(dialect: Dialect, [node, time, id]: [&str; 3], ids: usize, first: usize) -> String {
    let at = |number| dialect.placeholder(number);
    let of_node =
        format!("{node} = {} AND {time} BETWEEN {} AND {}", at(first), at(first + 1), at(first + 2));
    let first = first + 3;
    let times = |mark: char| {
        let times: Vec<_> = (0..ids).map(|at| format!("{mark}{}", at * 2 + first)).collect();
        times.join(", ")
    };
    match dialect {
        // Of a list of pairs it looks up none.
        Dialect::MariaDb => {
            let each: Vec<_> = (0..ids).map(|_| format!("({time} = ? AND {id} = ?)")).collect();
            format!("{of_node} AND ({})", each.join(" OR "))
        }
        // SQLite finds times. It would find ids with them, each time with each id: the pluses keep it from that.
        Dialect::Sqlite => format!(
            "{of_node} AND {time} IN ({}) AND (+{time}, +{id}) IN (VALUES {})",
            times('?'),
            pairs(dialect, ids, first)
        ),
        // It compares no row with every id, but with a hash of them, and reads no other times.
        Dialect::Postgres => format!(
            "{of_node} AND {time} = ANY (ARRAY[{}]::bigint[]) AND (({time}, {id}) IN (VALUES {})) IS TRUE",
            times('$'),
            pairs(dialect, ids, first)
        ),
    }
}

fn pairs(dialect: Dialect, ids: usize, first: usize) -> String {
    let mut sql = String::new();
    for at in 0..ids {
        let (time, id) = (first + at * 2, first + at * 2 + 1);
        let comma = if at == 0 { "" } else { ", " };
        match dialect {
            Dialect::Postgres => write!(sql, "{comma}(${time}::bigint, ${id}::text)"),
            Dialect::MariaDb | Dialect::Sqlite => write!(sql, "{comma}(?{time}, ?{id})"),
        }
        .expect("writing to a String cannot fail");
    }
    sql
}
