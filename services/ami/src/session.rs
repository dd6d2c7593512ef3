//! One session from its login to its end: one half reads, one writes, and neither waits for the other.

use std::{
    convert::Infallible,
    future::pending,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use asterisk::ami::{Event, Frame};
use runtime::{CancellationToken, now_us};
use tokio::{
    io::AsyncWriteExt,
    sync::{Notify, mpsc},
    time::Instant,
};

use crate::{
    Closed, Finding, Listener, Opened, Requests, Target,
    answers::{Answers, Asker},
    inspect::Inspector,
    manager::{Desk, Request},
    metrics::NodeMetrics,
    pulse::Pulse,
    wire::{Reader, Wire, Writer},
    witness::Witness,
};

/// A session that stands, and what its parts share. They take turns within one task, so no lock is ever waited for.
pub(crate) struct Session<'a> {
    pub(crate) target: &'a Target,
    pub(crate) metrics: &'a NodeMetrics,
    pub(crate) opened: Opened,
    answers: Mutex<Answers>,
    witness: Mutex<Witness>,
    /// When the last byte came.
    heard: Mutex<Instant>,
    /// Told when the witness learnt something.
    pub(crate) news: Notify,
}

impl<'a> Session<'a> {
    pub(crate) fn new(target: &'a Target, metrics: &'a NodeMetrics, opened: Opened) -> Self {
        Self {
            target,
            metrics,
            opened,
            answers: Mutex::default(),
            witness: Mutex::new(Witness::new(&target.watch)),
            heard: Mutex::new(Instant::now()),
            news: Notify::new(),
        }
    }

    /// Works until something ends it. `told` are the findings that are in the log already.
    pub(crate) async fn attend(
        &self,
        wire: Wire,
        listener: &mut impl Listener,
        requests: &mut Requests,
        told: &mut Vec<Finding>,
        stop: &CancellationToken,
    ) -> Closed {
        let (desk, mut own) = Desk::new(&requests.ids);
        let Requests { waiting, states, .. } = requests;
        let inspector = Inspector::new(self, desk.clone(), states, told);
        let closed = tokio::select! {
            closed = self.read(wire.reader, listener) => closed,
            never = self.write(wire.writer, waiting, &mut own) => match never {},
            closed = Pulse::new(self, desk).beat() => closed,
            never = inspector.work() => match never {},
            () = stop.cancelled() => Closed::Stopped,
        };
        // Whoever still waits for an answer is told that there will be none.
        *lock(&self.answers) = Answers::default();
        closed
    }

    /// Socket, decoder, listener, and nothing else.
    async fn read(&self, mut reader: Reader, listener: &mut impl Listener) -> Closed {
        let mut received_us = self.opened.at_us;
        let mut shuts_down = false;
        loop {
            // What came together with the answer to the login comes first.
            loop {
                match reader.frame() {
                    Ok(Some(frame)) => shuts_down |= self.deliver(&frame, received_us, listener),
                    Ok(None) => break,
                    Err(error) => return Closed::Garbled(error),
                }
            }
            match reader.fill().await {
                Ok(0) => return ended(shuts_down),
                Ok(bytes) => self.metrics.bytes.inc_by(bytes as u64),
                // TLS without a word of farewell: a process that was killed says none.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return ended(shuts_down),
                Err(error) => return Closed::Broken(error),
            }
            received_us = now_us();
            *lock(&self.heard) = Instant::now();
        }
    }

    /// Hands a frame to whoever it is for; true for the last words of a node.
    fn deliver(&self, frame: &Frame, received_us: i64, listener: &mut impl Listener) -> bool {
        self.metrics.heard(frame);
        let asker = match frame {
            Frame::Event(block) => {
                if self.witness().saw(block) {
                    self.news.notify_one();
                }
                lock(&self.answers).item(block)
            }
            Frame::Response(response) => lock(&self.answers).response(response),
            Frame::Damaged(damaged) => lock(&self.answers).damaged(damaged),
            Frame::Banner(_) => None,
        };
        if asker != Some(Asker::Session) {
            listener.frame(frame, received_us);
        }
        matches!(frame, Frame::Event(block) if is_shutdown(block))
    }

    /// Sends what is asked, one after another. What nobody waits for any longer is not sent.
    async fn write(
        &self,
        mut writer: Writer,
        waiting: &mut mpsc::Receiver<Request>,
        own: &mut mpsc::Receiver<Request>,
    ) -> Infallible {
        loop {
            let (request, asker) = tokio::select! {
                biased;
                Some(request) = own.recv() => (request, Asker::Session),
                Some(request) = waiting.recv() => (request, Asker::Manager),
                else => return pending().await,
            };
            if request.answer.is_closed() {
                continue;
            }
            lock(&self.answers).expect(request.number, asker, request.answer);
            if send(&mut writer, request.action.as_bytes()).await.is_err() {
                // The node is gone. Its last words may still be on their way, and their end ends the session.
                return pending().await;
            }
        }
    }

    pub(crate) fn witness(&self) -> MutexGuard<'_, Witness> {
        lock(&self.witness)
    }

    /// When the node was heard last.
    pub(crate) fn heard(&self) -> Instant {
        *lock(&self.heard)
    }
}

async fn send(writer: &mut Writer, bytes: &[u8]) -> io::Result<()> {
    writer.write_all(bytes).await?;
    writer.flush().await
}

fn ended(shuts_down: bool) -> Closed {
    if shuts_down { Closed::Shutdown } else { Closed::ByNode }
}

fn is_shutdown(block: &asterisk::ami::Block) -> bool {
    block.name().is_some_and(|name| name.is("Shutdown")) && matches!(Event::read(block), Event::Shutdown(_))
}

/// What a panic elsewhere left behind is still in order: no update is made in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
