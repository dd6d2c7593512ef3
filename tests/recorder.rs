//! Records a stream from a file, a collector without a session: `recorder FOLDER URL FILE`. It goes on behind what its
//! journal has, as a node would that could say everything again, and stays until it is killed.

use std::{env, fs};

use ami::Listener;
use anyhow::Context;
use asterisk::ami::{Decoder, Frame, Limits};
use boards::Boards;
use bytes::BytesMut;
use collector::{CollectorContext, Recording};
use journal::{Entry, Position, Reader};
use live::Bus;
use prometheus::Registry;
use runtime::{CancellationToken, CollectorConfig, Health};
use store::Store;

/// Frames between two waits for the disk; less than the journal's queue takes.
const AT_ONCE: usize = 1_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [folder, url, file] = arguments.as_slice() else { anyhow::bail!("recorder FOLDER URL FILE") };
    let registry = Registry::new();
    let store = Store::connect(url, store::Options::default()).await?;
    let context = CollectorContext {
        config: CollectorConfig { folder: folder.into(), ..CollectorConfig::default() },
        boards: Boards::new(Bus::in_process(), store.clone()),
        store,
        health: Health::default(),
        metrics: collector::Metrics::new(&registry)?,
        sessions: ami::Metrics::new()?,
    };
    let node = "ast22".parse()?;
    let recording = Recording::open(&context, node)?;
    let done = kept(&format!("{folder}/ast22"))?;
    let holder = format!("recorder {}", std::process::id());
    let stream = fs::read(file)?;
    let writing = Box::pin(recording.write(&context, &holder, CancellationToken::new()));
    let ((), fed) = tokio::join!(writing, feed(&recording, &stream, done));
    fed
}

/// How many frames the journal has.
fn kept(folder: &str) -> anyhow::Result<usize> {
    let mut reader = Reader::open(folder.as_ref(), Position(1))?;
    let mut count = 0;
    while let Some(entry) = reader.read()? {
        count += usize::from(matches!(entry, Entry::Record(_)));
    }
    Ok(count)
}

async fn feed(recording: &Recording, stream: &[u8], done: usize) -> anyhow::Result<()> {
    let mut decoder = Decoder::resumed(Limits::default());
    let mut buffer = BytesMut::from(stream);
    let mut recorder = recording.recorder();
    let mut count = 0;
    while let Some(frame) = decoder.decode(&mut buffer)? {
        count += 1;
        if count <= done {
            continue;
        }
        let Frame::Event(block) = &frame else { anyhow::bail!("an event") };
        let received_us = block.timestamp_us().context("a timestamp")?;
        recorder.frame(&frame, received_us);
        if count % AT_ONCE == 0 {
            recording.flush().await?;
        }
    }
    Ok(recording.flush().await?)
}
