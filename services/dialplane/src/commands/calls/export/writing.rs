//! Writing in a thread of its own: while rows are formed and compressed the next ones are read, and a reader who stands
//! still keeps no signal from being heard.

use std::{fs::File, io, thread, time::Duration};

use exports::{About, Export, ExportError, Format, Row};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Portions that may wait: two, so that neither side waits for the other to begin.
const WAITING_MAX: usize = 2;
/// How long whoever was stopped waits for the last rows to be whole. A reader who stands still takes them never.
const CUT_LIMIT: Duration = Duration::from_secs(2);

enum Portion<R> {
    Rows(Vec<R>),
    /// There are no more; if nobody says so, it was not all.
    End,
}

pub(super) struct Writing<R> {
    portions: mpsc::Sender<Portion<R>>,
    ended: oneshot::Receiver<Result<File, ExportError>>,
}

impl<R: Row + Send + 'static> Writing<R> {
    pub(super) fn begin(format: Format, file: File, about: About) -> io::Result<Self> {
        let (portions, waiting) = mpsc::channel(WAITING_MAX);
        let (tell, ended) = oneshot::channel();
        thread::Builder::new().name("export".to_owned()).spawn(move || {
            // Whoever was stopped does not listen any more.
            let _ = tell.send(write(format, file, &about, waiting));
        })?;
        Ok(Self { portions, ended })
    }
}

impl<R> Writing<R> {
    /// Hands rows over; false if they are not taken any more, and [`Writing::finish`] tells why.
    pub(super) async fn take(&mut self, rows: Vec<R>) -> bool {
        self.portions.send(Portion::Rows(rows)).await.is_ok()
    }

    /// Ends the export and gives back what it was written to.
    pub(super) async fn finish(&mut self) -> Result<File, ExportError> {
        // If it was ended already, it has said why.
        let _ = self.portions.send(Portion::End).await;
        let ended = (&mut self.ended).await;
        ended.unwrap_or_else(|_| Err(io::Error::other("the writing thread panicked").into()))
    }

    /// Ends it where it is.
    pub(super) async fn cut(self) {
        drop(self.portions);
        let _ = timeout(CUT_LIMIT, self.ended).await;
    }
}

fn write<R: Row>(
    format: Format,
    file: File,
    about: &About,
    mut portions: mpsc::Receiver<Portion<R>>,
) -> Result<File, ExportError> {
    let mut export = Export::new(format, &file, about)?;
    loop {
        match portions.blocking_recv() {
            Some(Portion::Rows(rows)) => export.write(&rows)?,
            Some(Portion::End) => break export.finish()?,
            None => break export.cut()?,
        }
    }
    Ok(file)
}
