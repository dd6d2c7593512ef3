//! The addresses carriers use, for whoever keeps strangers out.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{Direction, NodeName, Protocol, Purpose};
use firewall::{Family, Format, Question};

use super::{FirewallApply, FirewallStatus};

#[derive(Debug, Subcommand)]
pub(crate) enum Firewall {
    /// Write the addresses of the active generation as a file that a program loads
    Export(FirewallExport),
    /// Say what changed since the last export
    Diff(FirewallDiff),
    /// Load the addresses into the packet filter of this machine, and see that it works with them
    Apply(FirewallApply),
    /// Compare what the packet filter of this machine has loaded with what it should have
    Status(FirewallStatus),
}

#[derive(Args, Debug)]
pub(crate) struct FirewallExport {
    /// nftables, ipset, iptables, pf, mikrotik, freepbx, pjsip, kamailio, opensips, fail2ban, aws, terraform, json, csv or
    /// plain
    #[arg(long)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) question: FirewallQuestion,
    /// 4 or 6, of iptables and freepbx, which have a tool for each
    #[arg(long, default_value_t)]
    pub(crate) family: Family,
    /// Write no rules, only what rules of yours can refer to: nftables, pf and pjsip
    #[arg(long)]
    pub(crate) sets_only: bool,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The set that was exported last [default: beside the output, FILE.last; none for standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) last: Option<PathBuf>,
    /// Write it even if the last set is damaged, or lost more than 30 % of its networks
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct FirewallDiff {
    #[command(flatten)]
    pub(crate) question: FirewallQuestion,
    /// The set that was exported last: FILE.last beside an export, or one in the format json
    #[arg(long, value_name = "FILE")]
    pub(crate) last: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which addresses.
#[derive(Args, Debug)]
pub(crate) struct FirewallQuestion {
    /// For one node, as in servers.servername: its carriers and the other servers [default: all carriers and servers]
    #[arg(long)]
    server: Option<NodeName>,
    /// Those calls come from (IN), go to (OUT), or both (IN/OUT)
    #[arg(long)]
    direction: Option<Direction>,
    /// SIP, IAX2 or H323
    #[arg(long)]
    protocol: Option<Protocol>,
    /// Those signalling comes from (SIGNALLING), media (MEDIA), or both (BOTH)
    #[arg(long)]
    purpose: Option<Purpose>,
}

impl FirewallQuestion {
    pub(crate) fn question(&self) -> Question {
        let Self { server, direction, protocol, purpose } = self;
        Question { server: server.clone(), direction: *direction, protocol: *protocol, purpose: *purpose }
    }
}
