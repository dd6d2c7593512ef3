//! What routers decided.

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use domain::NodeName;

#[derive(Debug, Subcommand)]
pub(crate) enum Decisions {
    /// Decisions of some time, the latest first
    List(DecisionsList),
    /// What was asked, and what was answered
    Show(DecisionsShow),
}

#[derive(Args, Debug)]
pub(crate) struct DecisionsList {
    /// From when on: 30m, 2h or 7d ago, a date, or a date and time; UTC
    #[arg(long, default_value = "1d")]
    pub(crate) since: String,
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
