//! Calls into a file or a pipe, however many there are.

mod output;
mod progress;
mod signals;
mod writing;

use std::{fs::File, mem, pin::pin, process::ExitCode};

use exports::{About, Attempt, Call, ExportError, Format, Leg, Row};
use futures_util::{Stream, TryStreamExt};
use records::recorded;
use runtime::Config;
use store::{CallFilter, CallParts, Store, StoreError, StoredCall, schema_version};

use self::{output::Output, progress::Progress, signals::Signals, writing::Writing};
use super::list;
use crate::{
    cli::{Export, ExportFormat, ExportWhat},
    commands::open,
    failure::{DONE, Failure},
};

/// Rows that are handed on at once.
const ROWS_AT_ONCE: usize = 1_000;

pub(super) async fn run(config: &Config, arguments: &Export) -> Result<ExitCode, Failure> {
    let conditions = list::conditions(&arguments.conditions)?;
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
        about: About {
            filter: serde_json::to_string(&filter).map_err(Failure::usage)?,
            schema: schema_version(),
            exported_us: runtime::now_us(),
        },
        filter,
    };
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
        let mut writing = Writing::<R>::begin(self.format, file, self.about).map_err(Failure::unavailable)?;
        let ended = tokio::select! {
            ended = export(calls, &mut writing, &progress) => ended,
            signal = signals.heard() => {
                progress.clear();
                writing.cut().await;
                return Ok(output.abandon(signal, progress.rows()));
            }
            never = progress.show() => match never {},
        };
        progress.clear();
        match ended? {
            Ok(file) => output.keep(&file, progress.rows(), R::WHAT),
            Err(error) if error.is_reader_gone() => Ok(DONE),
            Err(error) => Err(Failure::unavailable(error)),
        }
    }
}

/// Hands over the rows of all calls, and gives back what they were written to.
async fn export<R: Row>(
    calls: impl Stream<Item = Result<StoredCall, StoreError>>,
    writing: &mut Writing<R>,
    progress: &Progress,
) -> Result<Result<File, ExportError>, StoreError> {
    let mut calls = pin!(calls);
    let mut rows = Vec::new();
    while let Some(call) = calls.try_next().await? {
        R::push_of(recorded(call), &mut rows);
        if rows.len() >= ROWS_AT_ONCE {
            let count = rows.len();
            if !writing.take(mem::take(&mut rows)).await {
                break;
            }
            progress.add(count);
        }
    }
    progress.add(rows.len());
    writing.take(rows).await;
    Ok(writing.finish().await)
}
