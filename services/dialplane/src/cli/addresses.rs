//! Addresses of carriers, and what their host names stand for.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Addresses {
    /// Each address with what it stands for, until when, and how its name does
    List {
        /// Of this provider only, by its name
        #[arg(long)]
        provider: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// What DNS said and nobody uses until a person has looked at it
    Quarantine {
        /// What was decided already too
        #[arg(long)]
        all: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let an address through: it is used as soon as DNS says it again
    Approve {
        id: i64,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Keep an address out, whatever DNS says; one that is in use goes
    Reject {
        id: i64,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Ask DNS about every name now
    Resolve {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
