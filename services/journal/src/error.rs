use std::{
    io,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal in {} is in use by another process", folder.display())]
    Locked { folder: PathBuf },
    #[error("cannot {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} has version {version} of the format, which this program does not know", path.display())]
    Version { path: PathBuf, version: u16 },
    #[error("the journal is closed")]
    Closed,
    #[error("{0} is no consumer of this journal")]
    UnknownConsumer(Box<str>),
    #[error("a consumer's name is 1 to 64 of a-z, 0-9 and the hyphen")]
    ConsumerName,
    #[error("a checkpoint at {position} lies ahead of what is durable, {durable}")]
    Ahead { position: u64, durable: u64 },
    #[error("a checkpoint of {bytes} bytes is too large")]
    CheckpointSize { bytes: usize },
}

/// Names the file and the deed beside what the system said.
pub(crate) trait OnPath<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, JournalError>;
}

impl<T> OnPath<T> for io::Result<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, JournalError> {
        self.map_err(|source| JournalError::Io { action, path: path.to_owned(), source })
    }
}

/// EIO: the standard library has no name for it.
pub(crate) fn is_medium_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(5)
}
