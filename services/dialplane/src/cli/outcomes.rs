//! The rules that say what became of an attempt.

use clap::{Args, Subcommand};
use traffic::{Outcome, Span};

#[derive(Debug, Subcommand)]
pub(crate) enum Outcomes {
    /// Print the rules in their order
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a rule, or write it over the one of its priority; what was counted is counted again
    Set(Set),
    /// Remove a rule; what was counted is counted again
    Remove {
        /// Its priority
        priority: i64,
    },
    /// Say what becomes of an attempt that ended like this, and by which rule
    Test(Test),
    /// Count again, for instance after rows were changed by hand
    Recalculate {
        /// Since when: 2026-11-21 or 2026-11-21T14:00Z [default: everything]
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Set {
    /// Of the rules that fit, the one with the lowest priority says what it was
    pub(crate) priority: i64,
    /// What it was: `user_busy`, `no_answer`, `rejected_by_user`, subscriber, `answered_elsewhere`, `caller_gave_up`, network, policy or
    /// other
    pub(crate) class: Outcome,
    /// SIP codes: 403 or 500-599 [default: any, or none]
    #[arg(long, value_name = "RANGE")]
    pub(crate) sip: Option<Span>,
    /// Q.850 causes: 21 or 34-47 [default: any, or none]
    #[arg(long, value_name = "RANGE")]
    pub(crate) cause: Option<Span>,
    /// As `DialEnd` writes it: BUSY, CANCEL, CHANUNAVAIL, CONGESTION, NOANSWER [default: any, or none]
    #[arg(long, value_name = "STATUS")]
    pub(crate) dialstatus: Option<String>,
    /// Whether it rang [default: either]
    #[arg(long, value_name = "true|false")]
    pub(crate) rang: Option<bool>,
    /// What it is for
    #[arg(long, default_value = "")]
    pub(crate) comment: String,
}

#[derive(Args, Debug)]
pub(crate) struct Test {
    /// The SIP code
    #[arg(long)]
    pub(crate) sip: Option<u16>,
    /// The Q.850 cause of the called channel
    #[arg(long)]
    pub(crate) cause: Option<u16>,
    /// As `DialEnd` writes it
    #[arg(long)]
    pub(crate) dialstatus: Option<String>,
    /// It rang
    #[arg(long)]
    pub(crate) rang: bool,
    /// Something was missed of its call
    #[arg(long)]
    pub(crate) incomplete: bool,
}
