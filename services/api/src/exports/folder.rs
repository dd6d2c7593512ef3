//! Where files of exports are: of this process alone, readable by nobody else, and never so many that the disk is full.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::job::{Job, JobId};

/// So much is written at most before the disk is asked again whether there is room.
const ASK_EVERY_BYTES: u64 = 1 << 20;
const MIB: u64 = 1 << 20;
const LOCK: &str = "lock";
/// What a file is called until all of it is there.
const PART: &str = "part";

/// The folder, and what may be in it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    bytes_max: u64,
    /// So much of the disk stays free for others.
    free_min: u64,
    used: AtomicU64,
    /// Held as long as this process uses it.
    _lock: File,
}

/// Why something cannot be written on.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoRoom {
    #[error("the exports that are kept take all they may")]
    Quota,
    #[error("too little of the disk is free")]
    Disk,
    #[error("the export was cancelled")]
    Cancelled,
}

impl Folder {
    /// Takes the folder, and removes what a process left in it that is no more.
    pub(super) fn take(path: &Path, total_mib: u64, free_mib: u64) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(path.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(ErrorKind::ResourceBusy, "another process uses it"),
            TryLockError::Error(error) => error,
        })?;
        let folder = Self {
            path: path.to_owned(),
            bytes_max: total_mib.saturating_mul(MIB),
            free_min: free_mib.saturating_mul(MIB),
            used: AtomicU64::new(0),
            _lock: lock,
        };
        folder.clear()?;
        Ok(folder)
    }

    /// Removes all files, but only what has a name of ours.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.file_stem().and_then(|stem| stem.to_str()).and_then(JobId::read).is_some() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn place(&self, id: &JobId) -> PathBuf {
        self.path.join(id.as_str())
    }

    fn part(&self, id: &JobId) -> PathBuf {
        self.place(id).with_extension(PART)
    }

    /// The file of a job that is done.
    pub(super) fn open(&self, id: &JobId) -> io::Result<File> {
        File::open(self.place(id))
    }

    /// Begins the file of a job.
    pub(super) fn begin(self: &Arc<Self>, job: &Arc<Job>) -> io::Result<Output> {
        self.room(0)?;
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(self.part(&job.id))?;
        Ok(Output {
            file,
            folder: Arc::clone(self),
            job: Arc::clone(job),
            hash: Sha256::new(),
            until_asked: ASK_EVERY_BYTES,
        })
    }

    /// Removes the file of a job, whole or not.
    pub(super) fn remove(&self, job: &Job) -> io::Result<()> {
        for path in [self.place(&job.id), self.part(&job.id)] {
            match fs::remove_file(path) {
                Ok(()) => _ = self.used.fetch_sub(job.bytes(), Ordering::Relaxed),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Bytes that all files take.
    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn room(&self, more: u64) -> io::Result<()> {
        if self.used() + more > self.bytes_max {
            return Err(io::Error::new(ErrorKind::QuotaExceeded, NoRoom::Quota));
        }
        let disk = rustix::fs::statvfs(&self.path)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < self.free_min.saturating_add(more) {
            return Err(io::Error::new(ErrorKind::StorageFull, NoRoom::Disk));
        }
        Ok(())
    }
}

/// A file in the making.
#[derive(Debug)]
pub(super) struct Output {
    file: File,
    folder: Arc<Folder>,
    job: Arc<Job>,
    hash: Sha256,
    until_asked: u64,
}

impl Output {
    /// Gives the file its name when all of it is on the disk, and tells its SHA-256.
    pub(super) fn keep(self) -> io::Result<Box<str>> {
        self.file.sync_all()?;
        fs::rename(self.folder.part(&self.job.id), self.folder.place(&self.job.id))?;
        let digits = self.hash.finalize();
        Ok(digits.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat().into())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.job.stop.is_cancelled() {
            return Err(io::Error::other(NoRoom::Cancelled));
        }
        let bytes = &bytes[..bytes.len().min(usize::try_from(ASK_EVERY_BYTES).unwrap_or(usize::MAX))];
        let wanted = bytes.len() as u64;
        if self.until_asked < wanted {
            self.folder.room(ASK_EVERY_BYTES)?;
            self.until_asked = ASK_EVERY_BYTES;
        }
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.until_asked -= written as u64;
        self.job.add_bytes(written as u64);
        self.folder.used.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
