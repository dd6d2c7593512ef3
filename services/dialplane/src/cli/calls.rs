//! Calls and what is known of them.

use std::path::PathBuf;

use ::calls::CallId;
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand,
    builder::{NonEmptyStringValueParser, PossibleValuesParser},
};
use domain::NodeName;
use records::{CONDITIONS, Parameter};
use store::CallSort;

#[derive(Debug, Subcommand)]
pub(crate) enum Calls {
    /// Recorded calls, the newest first
    List(List),
    /// One recorded call with its legs and attempts, and the calls of other nodes that belong to it
    Show(Show),
    /// Make call records of recorded AMI streams: without database, network or configuration
    Assemble(Assemble),
    /// The calls that are up on all nodes, as their collectors tell
    Live(Live),
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) conditions: Said,
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
    /// The time zone of times [default: that of TZ, or UTC]
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Conditions that calls have to meet, by their names and as they were typed; what there is stands in [`CONDITIONS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(pub(crate) Vec<(&'static str, String)>);

impl Args for Said {
    fn augment_args(command: Command) -> Command {
        CONDITIONS.iter().map(argument).fold(command, Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Said {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |parameter: &Parameter| {
            let texts = matches.get_many::<String>(parameter.name).into_iter().flatten().cloned();
            let name = parameter.name;
            texts.map(move |text| (name, text)).collect::<Vec<_>>()
        };
        Ok(Self(CONDITIONS.iter().flat_map(typed).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
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
