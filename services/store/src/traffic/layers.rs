//! Sums of sums, so that a question about a month reads thousands of rows and not a million: whoever asks for carriers
//! need not read every prefix, and whoever asks for prefixes need not read every quarter of every node. They follow from
//! the sums of quarters, are written in the transaction that writes those, and nobody does anything but read them.

use traffic::{Dimension, Question, Source, Sums};

use super::{Place, marks::key};
use crate::{
    dialect::Dialect,
    driver::{Connection, Value},
    error::StoreError,
};

pub(super) const HOUR_US: i64 = 3_600_000_000;

/// How finely sums are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Quarters, by everything there is.
    Quarters,
    /// Quarters, without country and prefix.
    Carriers,
    /// Hours, of all nodes together.
    Hours,
}

/// A stretch of a period, and what tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) layer: Layer,
    pub(super) from_us: i64,
    /// The first microsecond after it.
    pub(super) to_us: i64,
}

impl Layer {
    pub(super) fn table(self, source: Source) -> &'static str {
        match (source, self) {
            (Source::Attempts, Self::Quarters) => "traffic_attempts",
            (Source::Attempts, Self::Carriers) => "traffic_attempts_carriers",
            (Source::Attempts, Self::Hours) => "traffic_attempts_hours",
            (Source::Calls, Self::Quarters) => "traffic_calls",
            (Source::Calls, Self::Carriers) => "traffic_calls_carriers",
            (Source::Calls, Self::Hours) => "traffic_calls_hours",
            (Source::Causes, _) => "traffic_causes",
        }
    }

    /// The column that says when.
    pub(super) fn time(self) -> &'static str {
        match self {
            Self::Quarters | Self::Carriers => "quarter_us",
            Self::Hours => "hour_us",
        }
    }

    /// The coarsest that knows all that is asked for, but for the edges of the period.
    fn of(question: &Question, source: Source) -> Self {
        let asks = |dimension| question.by.contains(&dimension);
        let asks_time = asks(Dimension::Hour) || asks(Dimension::Day);
        if source == Source::Causes {
            Self::Quarters
        } else if !asks(Dimension::Prefix) && !asks(Dimension::Country) {
            Self::Carriers
        } else if asks(Dimension::Node)
            || question.node.is_some()
            || (asks_time && !has_whole_hours(question))
        {
            Self::Quarters
        } else {
            Self::Hours
        }
    }
}

/// Whether every hour of the zone is one of UTC.
fn has_whole_hours(question: &Question) -> bool {
    let offsets = question.zone.offsets(question.period.from_us, question.period.to_us);
    let is_whole = |us: i64| us % HOUR_US == 0;
    // The first stands at the beginning of the period, where nothing changes.
    offsets.iter().all(|(_, offset_us)| is_whole(*offset_us))
        && offsets.iter().skip(1).all(|(at_us, _)| is_whole(*at_us))
}

/// What the period is told by, each moment of it by one.
pub(super) fn parts(question: &Question, source: Source) -> Vec<Part> {
    let layer = Layer::of(question, source);
    if layer != Layer::Hours {
        return vec![whole(question, layer)];
    }
    let (from_us, to_us) = (question.period.from_us, question.period.to_us);
    let first_us = from_us.saturating_add(HOUR_US - 1) / HOUR_US * HOUR_US;
    let last_us = to_us / HOUR_US * HOUR_US;
    if first_us >= last_us {
        return vec![whole(question, Layer::Quarters)];
    }
    let parts = [
        Part { layer: Layer::Quarters, from_us, to_us: first_us },
        Part { layer, from_us: first_us, to_us: last_us },
        Part { layer: Layer::Quarters, from_us: last_us, to_us },
    ];
    parts.into_iter().filter(|part| part.from_us < part.to_us).collect()
}

/// The whole period by one layer.
pub(super) fn whole(question: &Question, layer: Layer) -> Part {
    Part { layer, from_us: question.period.from_us, to_us: question.period.to_us }
}

/// A table of sums that follow from those of quarters.
struct Following {
    source: Source,
    layer: Layer,
    delete: &'static str,
    insert: &'static str,
}

const FOLLOWING: [Following; 4] = [
    Following {
        source: Source::Attempts,
        layer: Layer::Carriers,
        delete: "DELETE FROM traffic_attempts_carriers WHERE quarter_us = $1 AND node = $2",
        insert: "INSERT INTO traffic_attempts_carriers",
    },
    Following {
        source: Source::Calls,
        layer: Layer::Carriers,
        delete: "DELETE FROM traffic_calls_carriers WHERE quarter_us = $1 AND node = $2",
        insert: "INSERT INTO traffic_calls_carriers",
    },
    Following {
        source: Source::Attempts,
        layer: Layer::Hours,
        delete: "DELETE FROM traffic_attempts_hours WHERE hour_us BETWEEN $1 AND $2",
        insert: "INSERT INTO traffic_attempts_hours",
    },
    Following {
        source: Source::Calls,
        layer: Layer::Hours,
        delete: "DELETE FROM traffic_calls_hours WHERE hour_us BETWEEN $1 AND $2",
        insert: "INSERT INTO traffic_calls_hours",
    },
];

pub(super) const STATEMENTS: [&str; 4] =
    [FOLLOWING[0].delete, FOLLOWING[1].delete, FOLLOWING[2].delete, FOLLOWING[3].delete];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    FOLLOWING.iter().map(|following| (following.insert, following.statement(dialect))).collect()
}

impl Following {
    fn statement(&self, dialect: Dialect) -> String {
        let [one, other] = [1, 2].map(|number| dialect.placeholder(number));
        let hour = format!("quarter_us - quarter_us % {HOUR_US}");
        let (keys, told, range) = match self.layer {
            Layer::Hours => {
                let keys = "direction, kind, provider, country, prefix";
                (keys, hour.as_str(), format!("quarter_us BETWEEN {one} AND {other}"))
            }
            Layer::Quarters | Layer::Carriers => {
                let keys = "node, direction, kind, provider";
                (keys, "quarter_us", format!("quarter_us = {one} AND node = {other}"))
            }
        };
        let (insert, time, quarters) = (self.insert, self.layer.time(), Layer::Quarters.table(self.source));
        let sums = Sums::COLUMNS.map(|column| dialect.sum(column)).join(", ");
        format!(
            "{insert} ({time}, {keys}, {}) SELECT {told}, {keys}, {sums} FROM {quarters} WHERE {range} \
             GROUP BY {told}, {keys}",
            Sums::COLUMNS.join(", ")
        )
    }
}

/// Writes what follows from the sums of a quarter that was written.
pub(super) async fn follow<C: Connection>(connection: &mut C, place: &Place) -> Result<(), StoreError> {
    let quarter_us = place.quarter.from_us();
    for following in &FOLLOWING {
        let values = match following.layer {
            // The remainder of a time before 1970 is another one on each database, and nobody asks for that.
            Layer::Hours if quarter_us < 0 => continue,
            Layer::Hours => {
                let hour_us = quarter_us - quarter_us % HOUR_US;
                [hour_us, hour_us.saturating_add(HOUR_US - 1)].map(|us| Value::Key(Some(us)))
            }
            Layer::Quarters | Layer::Carriers => key(place),
        };
        let Following { delete, insert, .. } = following;
        connection.run(delete, &values).await.map_err(StoreError::driver(delete))?;
        let sql = following.statement(C::DIALECT);
        connection.run_built(sql, &values).await.map_err(StoreError::driver(insert))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use traffic::{Kind, Per, Period, QUARTER_US, Zone};

    use super::*;

    /// 2026-11-21 14:00:00 UTC.
    const HOUR: i64 = 1_795_269_600_000_000;

    fn asked(by: &[Dimension], zone: &str, [from_us, to_us]: [i64; 2]) -> Question {
        let (period, zone) = (Period { from_us, to_us, capped: false }, Zone::named(zone).unwrap());
        let (by, kinds) = (by.to_vec(), Kind::ALL.to_vec());
        Question { period, per: Per::Attempt, by, kinds, node: None, provider: None, zone }
    }

    fn told(by: &[Dimension], zone: &str, period: [i64; 2]) -> Vec<(Layer, i64, i64)> {
        let parts = parts(&asked(by, zone, period), Source::Attempts);
        parts.into_iter().map(|Part { layer, from_us, to_us }| (layer, from_us, to_us)).collect()
    }

    #[test]
    fn the_coarsest_that_knows_enough_tells() {
        use Dimension::{Country, Day, Direction, Hour, Node, Prefix, Provider};
        let day = [HOUR, HOUR + 24 * HOUR_US];
        let layer = |by: &[Dimension], zone| {
            let told = told(by, zone, day);
            assert_eq!((told.len(), told[0].1, told[0].2), (1, day[0], day[1]), "{by:?}");
            told[0].0
        };
        assert_eq!(layer(&[], "UTC"), Layer::Carriers);
        assert_eq!(layer(&[Hour, Node, Provider, Direction], "Asia/Kolkata"), Layer::Carriers);
        assert_eq!(layer(&[Prefix], "Asia/Kolkata"), Layer::Hours);
        assert_eq!(layer(&[Country, Day], "Europe/Moscow"), Layer::Hours);
        assert_eq!(layer(&[Country, Day], "Asia/Kolkata"), Layer::Quarters);
        assert_eq!(layer(&[Country, Node], "UTC"), Layer::Quarters);
        let of_node = Question { node: Some("msk".into()), ..asked(&[Prefix], "UTC", day) };
        assert_eq!(parts(&of_node, Source::Calls), [whole(&of_node, Layer::Quarters)]);
        let causes = asked(&[Dimension::Cause], "UTC", day);
        assert_eq!(parts(&causes, Source::Causes), [whole(&causes, Layer::Quarters)]);
    }

    #[test]
    fn clocks_that_change_by_half_an_hour_need_quarters() {
        let by = [Dimension::Prefix, Dimension::Day];
        // 2026-04-04T15:00Z: eleven hours ahead of UTC become ten and a half.
        let change_us = 1_775_314_800_000_000;
        let before = [change_us - 5 * HOUR_US, change_us];
        assert_eq!(told(&by, "Australia/Lord_Howe", before)[0].0, Layer::Hours);
        let over = [change_us - 5 * HOUR_US, change_us + HOUR_US];
        assert_eq!(told(&by, "Australia/Lord_Howe", over)[0].0, Layer::Quarters);
    }

    #[test]
    fn edges_are_told_by_quarters() {
        let by = [Dimension::Prefix];
        let period = [HOUR + QUARTER_US, HOUR + 3 * HOUR_US + 2 * QUARTER_US];
        let parts = told(&by, "UTC", period);
        let (first_us, last_us) = (HOUR + HOUR_US, HOUR + 3 * HOUR_US);
        let expected = [
            (Layer::Quarters, period[0], first_us),
            (Layer::Hours, first_us, last_us),
            (Layer::Quarters, last_us, period[1]),
        ];
        assert_eq!(parts, expected);
        // Of less than an hour there is no hour.
        let period = [HOUR + QUARTER_US, HOUR + HOUR_US + 3 * QUARTER_US];
        assert_eq!(told(&by, "UTC", period), [(Layer::Quarters, period[0], period[1])]);
        let end = [i64::MAX - QUARTER_US, i64::MAX];
        assert_eq!(told(&by, "UTC", end), [(Layer::Quarters, end[0], end[1])]);
    }
}
