//! How long records stay, and what is kept.

use clap::{Args, Subcommand};
use domain::{CountryCode, E164, NodeName};

#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// The rules, and how far each node's records are masked and removed
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say how long records of a country's nodes stay
    Set(SetRetention),
    /// Take a rule back: its nodes go by the rule without a country then, if there is one
    Remove {
        #[command(flatten)]
        country: RuleOf,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Mask and remove now what a collector would within the hour
    Run {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which rule.
#[derive(Args, Debug)]
pub(crate) struct RuleOf {
    /// Of nodes in this country, as in servers.location [default: every country without a rule of its own]
    #[arg(long)]
    pub(crate) country: Option<CountryCode>,
}

/// Days count from the beginning of a call.
#[derive(Args, Debug)]
pub(crate) struct SetRetention {
    #[command(flatten)]
    pub(crate) country: RuleOf,
    /// When numbers are masked, for good [default: never]
    #[arg(long, value_name = "DAYS")]
    pub(crate) mask: Option<u16>,
    /// When records are removed [default: never]
    #[arg(long, value_name = "DAYS")]
    pub(crate) remove: Option<u16>,
    /// The law: numbers stay whole at least so long
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    pub(crate) floor: u16,
    /// The law: no number is whole for longer
    #[arg(long, value_name = "DAYS")]
    pub(crate) ceiling: Option<u16>,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Holds {
    /// All that were ever made
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep calls and decisions, whatever the rules say
    Make(MakeHold),
    /// Let the rules have them again
    Release {
        id: i64,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct MakeHold {
    /// Of calls from or to this number: digits, with the country's code [default: of all]
    #[arg(long)]
    pub(crate) number: Option<E164>,
    /// On this node [default: on all]
    #[arg(long)]
    pub(crate) node: Option<NodeName>,
    /// That began from then on: `2026-11-01`, `2026-11-01T12:00:00Z`, or `30d` ago; UTC
    #[arg(long)]
    pub(crate) from: String,
    /// And before then [default: for as long as it holds]
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Why: a file number, who asked
    #[arg(long)]
    pub(crate) reason: String,
}
