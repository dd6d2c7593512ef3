//! Calls and what is known of them.

use std::path::PathBuf;

use ::calls::CallId;
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand, ValueEnum,
    builder::{NonEmptyStringValueParser, PossibleValuesParser},
};
use domain::NodeName;
use records::{CONDITIONS, Numbers, Parameter, STATS};
use store::CallSort;

#[derive(Debug, Subcommand)]
pub(crate) enum Calls {
    /// Recorded calls, the newest first
    List(List),
    /// One recorded call with its legs and attempts, and the calls of other nodes that belong to it
    Show(Show),
    /// Write recorded calls into a file or to standard output, however many there are
    Export(Export),
    /// Make call records of recorded AMI streams: without database, network or configuration
    Assemble(Assemble),
    /// The calls that are up on all nodes, as their collectors tell
    Live(Live),
    /// How attempts and calls ended, counted: ASR, NER, ACD, PDD and what they follow from
    Stats(Stats),
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) conditions: Said,
    #[command(flatten)]
    pub(crate) unmask: Unmask,
    /// The order: start, end, wait or talk; with - before it, descending
    #[arg(long, default_value = "-start", allow_hyphen_values = true)]
    pub(crate) sort: CallSort,
    /// Most calls to show
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// As a list shows it; also `node/unique id` where Asterisk chose that
    pub(crate) id: CallId,
    #[command(flatten)]
    pub(crate) unmask: Unmask,
    /// Make its decisions again, by the generations that made them, and show what became of every candidate
    #[arg(long)]
    pub(crate) explain: bool,
    /// The time zone of times [default: that of TZ, or UTC]
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How numbers are shown.
#[derive(Args, Debug)]
pub(crate) struct Unmask {
    /// How numbers are shown: masked, or whole for a reason
    #[arg(long, value_enum, default_value = "masked")]
    pub(crate) numbers: NumbersShown,
    /// Why they are shown whole, 3 to 200 characters; the audit keeps it
    #[arg(long, required_if_eq("numbers", "whole"), value_parser = reason)]
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NumbersShown {
    Masked,
    Whole,
}

fn reason(text: &str) -> Result<String, &'static str> {
    let rule = "a reason is something of 3 to 200 characters in one line";
    Numbers::is_reason(text).then(|| text.to_owned()).ok_or(rule)
}

/// A list of parameters by their names and as they were typed.
macro_rules! said {
    ($($(#[$about:meta])* $name:ident of $list:ident;)+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name(pub(crate) Vec<(&'static str, String)>);

        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                $list.iter().map(argument).fold(command, Command::arg)
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self($list.iter().flat_map(|parameter| typed(matches, parameter)).collect()))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    )+};
}

said! {
    /// Conditions that calls have to meet.
    Said of CONDITIONS;
    /// What is asked of ratios.
    StatsSaid of STATS;
}

fn typed(matches: &ArgMatches, parameter: &Parameter) -> Vec<(&'static str, String)> {
    let texts = matches.get_many::<String>(parameter.name).into_iter().flatten().cloned();
    let name = parameter.name;
    texts.map(move |text| (name, text)).collect()
}

fn argument(parameter: &'static Parameter) -> Arg {
    let argument = Arg::new(parameter.name)
        .long(parameter.name.replace('_', "-"))
        .value_name(parameter.name.to_ascii_uppercase())
        .help(parameter.about);
    let argument = if parameter.is_list {
        argument.action(ArgAction::Append).value_delimiter(',')
    } else {
        argument.action(ArgAction::Set)
    };
    if parameter.values.is_empty() {
        argument.value_parser(NonEmptyStringValueParser::new())
    } else {
        argument.value_parser(PossibleValuesParser::new(parameter.values))
    }
}

#[derive(Args, Debug)]
pub(crate) struct Assemble {
    /// What a node's manager port sent, one file per connection, oldest first; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) streams: Vec<PathBuf>,
    /// What the node is called in the ids of calls
    #[arg(long, value_name = "NAME", default_value = "node")]
    pub(crate) node: NodeName,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Live {
    /// Only this node's calls
    #[arg(long)]
    pub(crate) node: Option<NodeName>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw it again every second, until Ctrl-C
    #[arg(long, conflicts_with = "json")]
    pub(crate) watch: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) said: StatsSaid,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// How rows are written
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// Which rows of the calls
    #[arg(long, value_enum, default_value = "calls")]
    pub(crate) what: ExportWhat,
    #[command(flatten)]
    pub(crate) conditions: Said,
    #[command(flatten)]
    pub(crate) unmask: Unmask,
    /// Where they are written to; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// No spreadsheet program computes anything of it
    Csv,
    /// An object of JSON in each line
    Ndjson,
    /// A file of columns, for DuckDB and its like
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportWhat {
    /// A row for each call
    Calls,
    /// A row for each channel of a call
    Legs,
    /// A row for each Dial of a call
    Attempts,
}
