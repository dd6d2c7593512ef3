//! Exports that are read while they are made.
//!
//! ```text
//! database ──500 calls──► rows ──► thread ──64 KiB──► two chunks ──► connection
//! ```
//!
//! No transaction is open while somebody reads slowly, and no more is in memory than stands above. A client that goes is
//! noticed with the next chunk, one that stands still after [`STALL`]; both end the export.

use std::{
    io::{self, Write},
    mem,
    sync::Arc,
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use exports::{Attempt, Call, Leg, Row, What};
use futures_util::stream;
use records::{ExportAsk, Watch, Writing, about, export};
use runtime::{chain, now_us};
use store::Store;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::job::{content_type, parts};
use crate::{metrics::Metrics, problem::Problem};

/// Exports that are streamed at once.
const STREAMS_AT_ONCE: usize = 2;
/// How long a client may take nothing.
const STALL: Duration = Duration::from_mins(1);
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that may wait for the connection.
const CHUNKS_MAX: usize = 2;

type Chunk = io::Result<Bytes>;

/// Exports that are being streamed.
#[derive(Debug)]
pub(crate) struct Streams {
    places: Arc<Semaphore>,
    running: TaskTracker,
    metrics: Arc<Metrics>,
}

impl Streams {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { places: Arc::new(Semaphore::new(STREAMS_AT_ONCE)), running: TaskTracker::new(), metrics }
    }

    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| Problem::too_many_exports())
    }

    /// Begins one, and answers with what it gives.
    pub(super) fn begin(
        &self,
        store: &Store,
        ask: ExportAsk,
        place: OwnedSemaphorePermit,
    ) -> Result<Response, Problem> {
        match ask.what {
            What::Calls => self.begin_rows::<Call>(store, ask, place),
            What::Legs => self.begin_rows::<Leg>(store, ask, place),
            What::Attempts => self.begin_rows::<Attempt>(store, ask, place),
        }
    }

    fn begin_rows<R: Row + Send + 'static>(
        &self,
        store: &Store,
        ask: ExportAsk,
        place: OwnedSemaphorePermit,
    ) -> Result<Response, Problem> {
        let (chunks, mut taken) = mpsc::channel::<Chunk>(CHUNKS_MAX);
        let about = about(&ask.conditions.filter, now_us()).map_err(|error| Problem::failed(&error))?;
        let output = Chunks { taken: chunks.clone(), handle: Handle::current(), waiting: Vec::new() };
        let writing =
            Writing::<R, _>::begin(ask.format, output, about).map_err(|error| Problem::failed(&error))?;
        let mut response =
            Response::new(Body::from_stream(stream::poll_fn(move |task| taken.poll_recv(task))));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(ask.format)));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let (store, metrics) = (store.clone(), Arc::clone(&self.metrics));
        self.running.spawn(async move {
            let _place = place;
            metrics.stream_ended(write(&store, &ask, writing, chunks).await);
        });
        Ok(response)
    }
}

/// Writes all of it; how that ended.
async fn write<R: Row + Send + 'static>(
    store: &Store,
    ask: &ExportAsk,
    mut writing: Writing<R, Chunks>,
    chunks: mpsc::Sender<Chunk>,
) -> &'static str {
    let calls = store.all_calls(ask.conditions.filter.clone(), parts(ask.what));
    let ended = tokio::select! {
        ended = export(calls, ask.numbers, &mut writing, &Unwatched) => ended,
        // Nobody waits for what is not written yet.
        () = chunks.closed() => return "cancelled",
    };
    let error = match ended {
        Ok(Ok(mut last)) => match last.send().await {
            Ok(()) => return "done",
            Err(error) => error,
        },
        Ok(Err(error)) => {
            debug!(error = %chain(&error), "an export was not taken");
            io::Error::other(error)
        }
        Err(error) => {
            warn!(error = %chain(&error), "an export ends before its end");
            io::Error::other(error)
        }
    };
    // What was cut must not look whole: the connection is closed without the end of the body.
    let _ = timeout(STALL, chunks.send(Err(error))).await;
    "failed"
}

/// Nobody asks how far a stream is.
struct Unwatched;

impl Watch for Unwatched {
    fn rows(&self, _: usize) {}
}

/// What is written, in chunks for a connection. Writes are made in a thread of their own, which waits.
#[derive(Debug)]
struct Chunks {
    taken: mpsc::Sender<Chunk>,
    handle: Handle,
    waiting: Vec<u8>,
}

impl Chunks {
    async fn send(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(mem::take(&mut self.waiting));
        match timeout(STALL, self.taken.send(Ok(chunk))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK_BYTES {
            let handle = self.handle.clone();
            handle.block_on(self.send())?;
        }
        Ok(bytes.len())
    }

    /// What is less than a chunk waits for more: whoever ends it sends it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
