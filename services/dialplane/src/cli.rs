//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{Class, NodeName, SipDriver};

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
    /// Carriers
    #[command(subcommand)]
    Providers(Providers),
    /// What nodes prove themselves with
    #[command(subcommand)]
    Token(Token),
    /// Ask for a route as a dialplan would
    #[command(subcommand)]
    Route(Route),
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Which roles to run in this process
    #[arg(long, value_delimiter = ',', default_value = "router")]
    pub(crate) roles: Vec<Role>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Router,
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
    /// Make a token for a node and print it, once
    Create {
        /// The node, as in servers.servername
        #[arg(long)]
        node: NodeName,
        /// What it is for
        #[arg(long)]
        comment: Option<String>,
    },
    /// Show which nodes have tokens, never the tokens
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a token back; it stops working when the routers next look at the tables
    Revoke {
        /// Its id, from `token list`
        id: i64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Route {
    /// A call of one of our phones
    Outbound(RouteOutbound),
}

#[derive(Args, Debug)]
pub(crate) struct RouteOutbound {
    /// The node that would ask
    #[arg(long)]
    pub(crate) node: NodeName,
    /// The phone that would call, as in extensions.endpoint
    #[arg(long)]
    pub(crate) endpoint: String,
    /// What it would dial
    #[arg(long)]
    pub(crate) to: String,
    /// A number to show instead of the phone's own
    #[arg(long)]
    pub(crate) cli: Option<String>,
    /// A class instead of the phone's own: cli, noncli or premium
    #[arg(long)]
    pub(crate) class: Option<Class>,
    /// The caller withholds the number
    #[arg(long)]
    pub(crate) withheld: bool,
    /// The call's id: splits between equally good carriers hang on it
    #[arg(long, default_value = "")]
    pub(crate) call: String,
    /// Show what became of every candidate
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
