use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::{
    JournalError,
    error::{OnPath, is_medium_error},
    format::{
        IDENTITY_FILE, JournalId, LOCK_FILE, NAME_DIGITS, SEGMENT_HEADER, SEGMENT_SUFFIX, SegmentHeader,
        TEMPORARY_SUFFIX, VERSION, checked_identity, encode_identity,
    },
};

/// A segment file, known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentPath {
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
}

pub(crate) fn segment_path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:0NAME_DIGITS$}{SEGMENT_SUFFIX}"))
}

/// The segments by their first number. Names that are no segment's are nobody's business.
pub(crate) fn segments(folder: &Path) -> Result<Vec<SegmentPath>, JournalError> {
    let mut segments: Vec<_> = names(folder)?
        .filter_map(|name| {
            let first = name.strip_suffix(SEGMENT_SUFFIX).filter(|digits| digits.len() == NAME_DIGITS)?;
            Some(SegmentPath { first: first.parse().ok()?, path: folder.join(&name) })
        })
        .collect();
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}

pub(crate) fn names(folder: &Path) -> Result<impl Iterator<Item = String>, JournalError> {
    let entries = fs::read_dir(folder).on("list", folder)?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()))
}

/// Keeps other processes out for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub(crate) fn take(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(LOCK_FILE);
        let file = File::options().create(true).append(true).open(&path).on("open", &path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(JournalError::Locked { folder: folder.to_owned() }),
            Err(fs::TryLockError::Error(error)) => Err(error).on("lock", &path),
        }
    }
}

/// The name of a journal, from the file that holds it or else from its newest sound segment; none for a new folder.
pub(crate) fn identity(folder: &Path) -> Result<Option<JournalId>, JournalError> {
    let path = folder.join(IDENTITY_FILE);
    let written = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        read => checked_identity(&read.on("read", &path)?),
    };
    if written.is_some() {
        return Ok(written);
    }
    for segment in segments(folder)?.iter().rev() {
        if let Some(header) = segment_header(&segment.path)? {
            return Ok(Some(header.id));
        }
    }
    Ok(None)
}

/// The identity, made or made good if need be. Only for the holder of the lock.
pub(crate) fn ensure_identity(folder: &Path) -> Result<JournalId, JournalError> {
    let known = identity(folder)?;
    let mut fresh = [0; 16];
    getrandom::fill(&mut fresh).map_err(std::io::Error::other).on("name", folder)?;
    let id = known.unwrap_or(JournalId(fresh));
    let path = folder.join(IDENTITY_FILE);
    if fs::read(&path).is_ok_and(|bytes| checked_identity(&bytes) == Some(id)) {
        return Ok(id);
    }
    replace(folder, IDENTITY_FILE, &encode_identity(id))?;
    Ok(id)
}

/// The header of a segment; none if it is damaged.
pub(crate) fn segment_header(path: &Path) -> Result<Option<SegmentHeader>, JournalError> {
    header_of(&File::open(path).on("open", path)?, path)
}

pub(crate) fn header_of(file: &File, path: &Path) -> Result<Option<SegmentHeader>, JournalError> {
    let mut bytes = [0; SEGMENT_HEADER];
    if let Err(error) = file.read_exact_at(&mut bytes, 0) {
        // Cut short, or a sector that cannot be read: the name and the folder's identity say the same.
        let damaged = error.kind() == ErrorKind::UnexpectedEof || is_medium_error(&error);
        return if damaged { Ok(None) } else { Err(error).on("read", path) };
    }
    let header = SegmentHeader::checked(&bytes);
    match header {
        Some(SegmentHeader { version, .. }) if version != VERSION => {
            Err(JournalError::Version { path: path.to_owned(), version })
        }
        _ => Ok(header),
    }
}

/// Puts a file in place whole or not at all, and durably.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), JournalError> {
    let temporary = folder.join(format!("{name}{TEMPORARY_SUFFIX}"));
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    if let Err(error) = write() {
        // What is half there would only take space, which may be what is missing.
        let _ = fs::remove_file(&temporary);
        return Err(error).on("write", &temporary);
    }
    let path = folder.join(name);
    fs::rename(&temporary, &path).on("put in place", &path)?;
    File::open(folder).and_then(|file| file.sync_all()).on("sync", folder)
}
