use std::{
    cell::RefCell,
    io::{self, Write},
    sync::{Arc, Mutex, Once},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

thread_local! {
    static OF_THIS_THREAD: RefCell<Option<Journal>> = const { RefCell::new(None) };
}

/// What the bus logs on this thread, down to the last detail; each clause has a thread and runs on it alone.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<u8>>>);

impl Journal {
    pub(crate) fn begin() -> Self {
        static ONCE: Once = Once::new();
        // One for all threads: subscribers of single threads that come and go race for what is worth logging.
        ONCE.call_once(|| {
            let logs = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("live=trace"));
            logs.with_ansi(false).with_writer(OfThisThread).init();
        });
        let journal = Self::default();
        OF_THIS_THREAD.set(Some(journal.clone()));
        journal
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).expect("logs are text")
    }

    pub(crate) fn count(&self, words: &str) -> usize {
        self.text().lines().filter(|line| line.contains(words)).count()
    }
}

impl Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct OfThisThread;

impl MakeWriter<'_> for OfThisThread {
    type Writer = Journal;

    fn make_writer(&self) -> Journal {
        // Where nobody keeps a journal it is written and thrown away.
        OF_THIS_THREAD.with_borrow(|journal| journal.clone().unwrap_or_default())
    }
}
