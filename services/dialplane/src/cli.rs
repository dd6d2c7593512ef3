//! The command line.

mod addresses;
mod calls;
mod decisions;
mod enforcement;
mod firewall;
mod outcomes;
mod privacy;

use std::{net::IpAddr, path::PathBuf};

use activation::Order;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{ApiRole, Class, Moment, NodeName, SipDriver};
use routing::TableName;
use store::{AccountName, Author, Store};

pub(crate) use self::{
    addresses::Addresses,
    calls::{
        Assemble, Calls, Export, ExportFormat, ExportWhat, List, Live, NumbersShown, Said, Show, Stats,
        Unmask,
    },
    decisions::{Decisions, DecisionsList, DecisionsShow},
    enforcement::{FirewallApply, FirewallHere, FirewallStatus, PacketFilter},
    firewall::{Firewall, FirewallDiff, FirewallExport},
    outcomes::{Outcomes, Set as SetOutcome, Test as TestOutcome},
    privacy::{Holds, MakeHold, Retention, SetRetention},
};
use crate::{cell::Cell, token::TokenId};

/// One server answers the dialplans of many Asterisks with finished Dial strings.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Cli {
    /// Configuration file [default: dialplane.toml, if it exists]
    #[arg(long, short, global = true, env = "DIALPLANE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer questions until stopped
    Serve(Serve),
    /// Load configuration, database and tables, and say what is wrong
    Check,
    /// Bring the database's tables up to date
    Migrate,
    /// The data of the article, to try things with
    #[command(subcommand)]
    Example(Example),
    /// Add the rows of a TOML file to the tables, all or none
    Import(Import),
    /// Look at rows of the tables, or change them
    #[command(subcommand)]
    Rows(Rows),
    /// Say what activating the tables would change, and what speaks against it
    Verify(Verify),
    /// Make the tables, as they are now, the configuration that calls are routed by
    Activate(Activate),
    /// Go back to an older generation
    Rollback(Rollback),
    /// Make the tables what they were in a generation
    Restore(Restore),
    /// The configurations that were activated
    #[command(subcommand)]
    Generations(Generations),
    /// The routers, the generation each one answers from, and how it is
    Routers {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// The nodes whose calls are recorded, who writes the records, and up to when they are written
    Collectors {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Carriers
    #[command(subcommand)]
    Providers(Providers),
    /// Where carriers are: their addresses, and what their host names stand for
    #[command(subcommand)]
    Addresses(Addresses),
    /// What nodes prove themselves with
    #[command(subcommand)]
    Token(Token),
    /// Ask for a route as a dialplan would
    #[command(subcommand)]
    Route(Route),
    /// The dialplan a node falls back to when no router answers
    #[command(subcommand)]
    Fallback(Fallback),
    /// The peers a node needs for calls between our servers
    #[command(subcommand)]
    Peers(Peers),
    /// The addresses carriers use, for firewalls and proxies
    #[command(subcommand)]
    Firewall(Firewall),
    /// Calls and what is known of them
    #[command(subcommand)]
    Calls(Calls),
    /// What routers decided
    #[command(subcommand)]
    Decisions(Decisions),
    /// What analysts' tools may read of calls: views without whole numbers
    #[command(subcommand)]
    Reports(Reports),
    /// How long records stay
    #[command(subcommand)]
    Retention(Retention),
    /// What is kept whatever the rules of retention say
    #[command(subcommand)]
    Holds(Holds),
    /// What was done to records and holds, by whom, and why
    Audit {
        /// The newest so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// The rules that say what became of an attempt, and what ratios follow from
    #[command(subcommand)]
    Outcomes(Outcomes),
}

impl Command {
    /// Whether it works on an installation: what only reads the files it is given needs none, nor a configuration.
    pub(crate) fn is_configured(&self) -> bool {
        !matches!(self, Self::Calls(Calls::Assemble(_)))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Reports {
    /// Name the views
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the statements that let an account of the database read the views and nothing else
    Grant {
        /// An account that exists: small letters, digits and `_`
        account: AccountName,
    },
    /// Write what the views show by now into a SQLite file of its own
    Copy {
        /// It must not exist
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Fallback {
    /// Write a node's fallback; a file is replaced only when something changed
    Export {
        /// The node, as in servers.servername
        #[arg(long)]
        node: NodeName,
        /// Where to write it [default: standard output]
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Peers {
    /// Print a node's sections for every other server
    Export {
        /// The node, as in servers.servername
        #[arg(long)]
        node: NodeName,
        /// The file they are for
        #[arg(long, value_enum)]
        format: PeersFormat,
        /// What the secrets between servers are made from; made when it does not exist. The same for every node
        #[arg(long, default_value = "var/hop.key")]
        key_file: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PeersFormat {
    Iax,
    Pjsip,
    Sip,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Which roles to run in this process
    #[arg(long, value_delimiter = ',', default_values_t = Role::ALL)]
    pub(crate) roles: Vec<Role>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Answers the dialplans
    Router,
    /// Records the calls of the nodes the configuration names
    Collector,
    /// Tells people and programs of recorded calls
    Api,
}

impl Role {
    pub(crate) const ALL: [Self; 3] = [Self::Router, Self::Collector, Self::Api];
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Router => "router",
            Self::Collector => "collector",
            Self::Api => "api",
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Example {
    /// Put the article's rows into empty tables
    Load,
    /// Load them if need be, serve, and print a question to try
    Serve,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// Tables as TOML: `[[providers]]`, `[[numbers]]` …
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rows {
    /// Print a table
    List {
        table: TableName,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a row
    Add {
        table: TableName,
        /// `column=value`; without `id` the row gets the next one
        #[arg(required = true)]
        cells: Vec<Cell>,
        #[command(flatten)]
        about: About,
    },
    /// Change cells of a row
    Set {
        table: TableName,
        /// The row's key
        id: i64,
        /// `column=value`; `column=` empties the cell
        #[arg(required = true)]
        cells: Vec<Cell>,
        #[command(flatten)]
        about: About,
    },
    /// Take a row out
    Remove {
        table: TableName,
        /// The row's key
        id: i64,
        #[command(flatten)]
        about: About,
    },
}

/// What every change says about itself.
#[derive(Args, Debug)]
pub(crate) struct About {
    /// Who changes it
    #[arg(long, env = "USER", default_value = "")]
    pub(crate) actor: String,
    /// Why
    #[arg(long, default_value = "")]
    pub(crate) comment: String,
}

impl About {
    /// A change that says by its kind why it was made.
    pub(crate) fn because(comment: &str) -> Self {
        Self { actor: std::env::var("USER").unwrap_or_default(), comment: comment.to_owned() }
    }

    /// The database, for edits that say so.
    pub(crate) fn sign(&self, store: &Store) -> Store {
        store.signed(Author { actor: self.actor.clone(), comment: self.comment.clone() })
    }

    pub(crate) fn order(&self, force: bool) -> Order<'_> {
        Order { actor: &self.actor, comment: &self.comment, force }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Activate {
    #[command(flatten)]
    pub(crate) about: About,
    /// Activate even if a table lost more than 30 % of its rows, or all of them
    #[arg(long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Rollback {
    /// The generation to go back to
    pub(crate) number: u64,
    /// Make the tables what they were then, too; otherwise they keep what was rolled back, as a draft
    #[arg(long)]
    pub(crate) restore: bool,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The generation whose rows the tables shall have; tokens stay as they are
    pub(crate) number: u64,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Generations {
    /// Newest first; the first one is active
    List {
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Who activated a generation, when, why, and how many rows it has
    Show {
        number: u64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// What changed from one generation to another
    Diff {
        from: u64,
        /// [default: the active one]
        to: Option<u64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Providers {
    /// Every address of every carrier, and how a number would be dialled through it
    List(ProvidersList),
}

#[derive(Args, Debug)]
pub(crate) struct ProvidersList {
    /// Show the Dial string for this number, in international form
    #[arg(long, value_name = "NUMBER")]
    pub(crate) dial: Option<String>,
    /// Tariff class of the Dial strings: cli, noncli or premium
    #[arg(long, default_value = "cli")]
    pub(crate) class: Class,
    /// Channel driver of the Dial strings: sip for `chan_sip`, or pjsip
    #[arg(long, default_value = "sip")]
    pub(crate) driver: SipDriver,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token for a node or for people, and print it, once
    #[command(group = clap::ArgGroup::new("holder").required(true))]
    Create {
        /// The node it is for, as in servers.servername
        #[arg(long, group = "holder")]
        node: Option<NodeName>,
        /// The role of the person or program it is for: viewer, analyst, operator or admin
        #[arg(long, group = "holder")]
        role: Option<ApiRole>,
        /// What it is for
        #[arg(long)]
        comment: Option<String>,
    },
    /// Show who has tokens, never the tokens
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a token back; it stops working at once
    Revoke {
        /// Its id, from `token list`: node-1, api-1
        id: TokenId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Route {
    /// A call of one of our phones
    Outbound(RouteOutbound),
    /// A call from a carrier, or one that another of our servers hands over
    Inbound(RouteInbound),
}

/// What every question has.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Args, Debug)]
pub(crate) struct RouteAsked {
    /// The node that would ask
    #[arg(long)]
    pub(crate) node: NodeName,
    /// The endpoint or peer the call arrives at: a phone (extensions.endpoint), a trunk, a server
    #[arg(long)]
    pub(crate) endpoint: String,
    /// What is dialled
    #[arg(long)]
    pub(crate) to: String,
    /// The caller withholds the number
    #[arg(long)]
    pub(crate) withheld: bool,
    /// The call's id: splits between equally good carriers hang on it
    #[arg(long, default_value = "")]
    pub(crate) call: String,
    /// How often the call has been handed over between our servers
    #[arg(long)]
    pub(crate) hops: Option<u8>,
    /// When it is asked, 2026-11-21T20:00:00Z: addresses may be valid for a time only [default: now]
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<Moment>,
    /// Show what became of every candidate
    #[arg(long)]
    pub(crate) explain: bool,
    /// Decide on this generation instead of the active one
    #[arg(long, value_name = "NUMBER")]
    pub(crate) generation: Option<u64>,
    /// Decide on the tables as they are now, activated or not
    #[arg(long, conflicts_with = "generation")]
    pub(crate) draft: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RouteOutbound {
    #[command(flatten)]
    pub(crate) asked: RouteAsked,
    /// A number to show instead of the phone's own
    #[arg(long)]
    pub(crate) cli: Option<String>,
    /// A class instead of the phone's own: cli, noncli or premium
    #[arg(long)]
    pub(crate) class: Option<Class>,
}

#[derive(Args, Debug)]
pub(crate) struct RouteInbound {
    #[command(flatten)]
    pub(crate) asked: RouteAsked,
    /// The address the call's signalling comes from
    #[arg(long)]
    pub(crate) source: Option<IpAddr>,
    /// The number the caller shows
    #[arg(long, default_value = "")]
    pub(crate) from: String,
}
