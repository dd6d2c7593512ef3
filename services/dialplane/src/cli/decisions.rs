//! What routers decided.

use std::str::FromStr;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use domain::NodeName;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Debug, Subcommand)]
pub(crate) enum Decisions {
    /// Decisions of some time, the latest first
    List(DecisionsList),
    /// What was asked, and what was answered
    Show(DecisionsShow),
}

#[derive(Args, Debug)]
pub(crate) struct DecisionsList {
    /// From when on: 30m, 2h or 7d ago, or a moment, 2026-11-21T14:00:00Z
    #[arg(long, default_value = "1d")]
    pub(crate) since: Since,
    /// Only this node's questions
    #[arg(long)]
    pub(crate) node: Option<NodeName>,
    /// Only those answered so
    #[arg(long, value_parser = PossibleValuesParser::new(STATUSES))]
    pub(crate) status: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const STATUSES: [&str; 6] = ["ok", "goto", "redirect", "echo", "reject", "no_route"];

#[derive(Args, Debug)]
pub(crate) struct DecisionsShow {
    /// The decision, as the answer, the records of calls and the channel variable `DP_ID` name it
    pub(crate) id: String,
    /// Decide again by the same generation, and show what became of every candidate
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A moment, or how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    AgoUs(i64),
    AtUs(i64),
}

impl Since {
    /// Microseconds of UTC.
    pub(crate) fn us(self, now_us: i64) -> i64 {
        match self {
            Self::AgoUs(ago_us) => now_us.saturating_sub(ago_us),
            Self::AtUs(at_us) => at_us,
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ago(text).or_else(|| moment(text)).ok_or("30m, 2h or 7d ago, or a moment, 2026-11-21T14:00:00Z")
    }
}

fn ago(text: &str) -> Option<Since> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds: i64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let count = i64::from(count.parse::<u32>().ok()?);
    count.checked_mul(seconds)?.checked_mul(1_000_000).map(Since::AgoUs)
}

fn moment(text: &str) -> Option<Since> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok().map(Since::AtUs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spans_or_moments() {
        let read = |text: &str| text.parse::<Since>().ok();
        assert_eq!(read("90s"), Some(Since::AgoUs(90_000_000)));
        assert_eq!(read("7d"), Some(Since::AgoUs(7 * 86_400 * 1_000_000)));
        assert_eq!(read("2026-11-21T14:00:00Z"), Some(Since::AtUs(1_795_269_600_000_000)));
        assert_eq!(read("2026-11-21T17:00:00+03:00"), Some(Since::AtUs(1_795_269_600_000_000)));
        for wrong in ["", "d", "1", "1w", "-1d", "1.5h", "yesterday", "2026-11-21", "99999999999d", "é"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!([Since::AgoUs(7).us(10), Since::AtUs(7).us(10)], [3, 7]);
    }
}
