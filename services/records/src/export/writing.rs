//! Writing in a thread of its own: while rows are formed and compressed the next ones are read, and a reader who stands
//! still keeps nobody from hearing that it is enough.

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

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

/// An export on its way into an output.
#[derive(Debug)]
pub struct Writing<R, W> {
    portions: mpsc::Sender<Portion<R>>,
    ended: oneshot::Receiver<Result<W, ExportError>>,
}

impl<R: Row + Send + 'static, W: Write + Send + 'static> Writing<R, W> {
    pub fn begin(format: Format, output: W, about: About) -> io::Result<Self> {
        let (portions, waiting) = mpsc::channel(WAITING_MAX);
        let (tell, ended) = oneshot::channel();
        thread::Builder::new().name("export".to_owned()).spawn(move || {
            // Whoever was stopped does not listen any more.
            let _ = tell.send(write(format, output, &about, waiting));
        })?;
        Ok(Self { portions, ended })
    }
}

impl<R, W> Writing<R, W> {
    /// Hands rows over; false if they are not taken any more, and [`Writing::finish`] tells why.
    pub(super) async fn take(&mut self, rows: Vec<R>) -> bool {
        self.portions.send(Portion::Rows(rows)).await.is_ok()
    }

    /// Ends the export and gives back what it was written to.
    pub(super) async fn finish(&mut self) -> Result<W, ExportError> {
        // If it was ended already, it has said why.
        let _ = self.portions.send(Portion::End).await;
        let ended = (&mut self.ended).await;
        ended.unwrap_or_else(|_| Err(io::Error::other("the writing thread panicked").into()))
    }

    /// Ends it where it is.
    pub async fn cut(self) {
        drop(self.portions);
        let _ = timeout(CUT_LIMIT, self.ended).await;
    }
}

fn write<R: Row, W: Write + Send>(
    format: Format,
    mut output: W,
    about: &About,
    mut portions: mpsc::Receiver<Portion<R>>,
) -> Result<W, ExportError> {
    let mut export = Export::new(format, &mut output, about)?;
    loop {
        match portions.blocking_recv() {
            Some(Portion::Rows(rows)) => export.write(&rows)?,
            Some(Portion::End) => break export.finish()?,
            None => break export.cut()?,
        }
    }
    Ok(output)
}
