//! Calls into a file or a pipe, however many there are.

mod output;
mod progress;
mod signals;

use std::{fs::File, process::ExitCode};

use exports::{About, Attempt, Call, Format, Leg, Row};
use records::{Numbers, Writing, about, export};
use runtime::Config;
use store::{CallFilter, CallParts, Store};

use self::{output::Output, progress::Progress, signals::Signals};
use super::list;
use crate::{
    cli::{Export, ExportFormat, ExportWhat},
    commands::open,
    failure::{DONE, Failure},
};

pub(super) async fn run(config: &Config, arguments: &Export) -> Result<ExitCode, Failure> {
    let conditions = list::conditions(config, &arguments.conditions).await?;
    if let Some(capped) = conditions.capped() {
        eprintln!("dialplane: {capped}; --from and --to name a time");
    }
    let filter = conditions.filter;
    // Before there is a file that a signal could leave behind.
    let signals = Signals::listen().map_err(Failure::unavailable)?;
    // Before the database is asked: what cannot be written need not be read.
    let output = Output::open(&arguments.output, arguments.force)?;
    let order = Order {
        store: open(config).await?,
        format: format(arguments.format),
        about: about(&filter, runtime::now_us()).map_err(Failure::usage)?,
        numbers: arguments.unmask.numbers(),
        filter,
    };
    arguments.unmask.note(&order.store, "calls export", &arguments.conditions.0, None).await?;
    match arguments.what {
        ExportWhat::Calls => order.carry_out::<Call>(CallParts::Row, output, signals).await,
        ExportWhat::Legs => order.carry_out::<Leg>(CallParts::Whole, output, signals).await,
        ExportWhat::Attempts => order.carry_out::<Attempt>(CallParts::Whole, output, signals).await,
    }
}

fn format(format: ExportFormat) -> Format {
    match format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Ndjson => Format::NdJson,
        ExportFormat::Parquet => Format::Parquet,
    }
}

/// What is to be exported.
struct Order {
    store: Store,
    filter: CallFilter,
    format: Format,
    about: About,
    numbers: Numbers,
}

impl Order {
    /// Reads, writes, shows how far it is and listens for signals, all at once.
    async fn carry_out<R: Row + Send + 'static>(
        self,
        parts: CallParts,
        (output, file): (Output, File),
        mut signals: Signals,
    ) -> Result<ExitCode, Failure> {
        let progress = Progress::default();
        let calls = self.store.all_calls(self.filter, parts);
        let mut writing =
            Writing::<R, _>::begin(self.format, file, self.about).map_err(Failure::unavailable)?;
        let ended = tokio::select! {
            ended = Box::pin(export(calls, self.numbers, &mut writing, &progress)) => ended,
            signal = signals.heard() => {
                progress.clear();
                writing.cut().await;
                return Ok(output.abandon(signal, progress.count()));
            }
            never = progress.show() => match never {},
        };
        progress.clear();
        match ended? {
            Ok(file) => output.keep(&file, progress.count(), R::WHAT),
            Err(error) if error.is_reader_gone() => Ok(DONE),
            Err(error) => Err(Failure::unavailable(error)),
        }
    }
}
