use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    JournalError, Position,
    error::OnPath,
    folder::{names, replace},
    format::{CHECKPOINT_SUFFIX, JournalId, NAME_DIGITS, checked_checkpoint, encode_checkpoint},
};

/// The largest content of a checkpoint, bytes.
pub const CHECKPOINT_MAX: usize = 64 << 20;
const NAME_MAX: usize = 64;
/// Checkpoints of one consumer that are kept.
const KEPT: usize = 2;

/// How far a consumer had come, and what it knew there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last record that is part of it; reading goes on with the next.
    pub position: Position,
    pub content: Vec<u8>,
    /// Newer checkpoints that turned out to be damaged.
    pub damaged: Vec<PathBuf>,
}

/// The checkpoints of the registered consumers, newest last.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    id: JournalId,
    consumers: Arc<Mutex<BTreeMap<Box<str>, Vec<Saved>>>>,
}

/// A checkpoint file. Damaged ones stay until two sound ones are newer.
#[derive(Clone, Debug)]
struct Saved {
    serial: u64,
    /// None if it is damaged.
    position: Option<u64>,
}

impl Checkpoints {
    pub(crate) fn open(folder: &Path, id: JournalId, names: &[Box<str>]) -> Result<Self, JournalError> {
        let mut consumers = BTreeMap::new();
        for name in names {
            check_name(name)?;
            consumers.insert(name.clone(), saved(folder, id, name)?);
        }
        Ok(Self { folder: folder.to_owned(), id, consumers: Arc::new(Mutex::new(consumers)) })
    }

    /// Writes a checkpoint. Disk work: it returns when the checkpoint survives a power loss.
    pub(crate) fn write(&self, name: &str, position: Position, content: &[u8]) -> Result<(), JournalError> {
        if content.len() > CHECKPOINT_MAX {
            return Err(JournalError::CheckpointSize { bytes: content.len() });
        }
        let mut consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        let saved = consumers.get_mut(name).ok_or_else(|| JournalError::UnknownConsumer(name.into()))?;
        let serial = saved.last().map_or(1, |last| last.serial + 1);
        let bytes = encode_checkpoint(self.id, position.0, content);
        replace(&self.folder, &file_name(name, serial), &bytes)?;
        saved.push(Saved { serial, position: Some(position.0) });
        self.remove_old(name, saved);
        Ok(())
    }

    /// Removes what is older than the newest sound ones.
    fn remove_old(&self, name: &str, saved: &mut Vec<Saved>) {
        let sound = saved.iter().enumerate().rev().filter(|(_, saved)| saved.position.is_some());
        let Some((oldest_kept, _)) = sound.take(KEPT).last() else { return };
        for old in saved.drain(..oldest_kept) {
            // One more old file does no harm; the next checkpoint tries again after a restart.
            let _ = fs::remove_file(self.folder.join(file_name(name, old.serial)));
        }
    }

    /// The newest sound checkpoint.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Checkpoint>, JournalError> {
        let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        let saved = consumers.get(name).ok_or_else(|| JournalError::UnknownConsumer(name.into()))?;
        let mut damaged = Vec::new();
        for saved in saved.iter().rev() {
            let path = self.folder.join(file_name(name, saved.serial));
            let bytes = fs::read(&path).on("read", &path)?;
            if let Some((position, content)) = checked_checkpoint(&bytes, self.id) {
                let content = content.to_vec();
                return Ok(Some(Checkpoint { position: Position(position), content, damaged }));
            }
            damaged.push(path);
        }
        Ok(None)
    }

    /// The last number that every consumer has passed, by the oldest checkpoint it may fall back to; none if there is
    /// no consumer. Who has only one checkpoint may fall back to the beginning.
    pub(crate) fn passed(&self) -> Option<u64> {
        let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        let fallback = |saved: &Vec<Saved>| {
            saved.iter().rev().filter_map(|saved| saved.position).nth(KEPT - 1).unwrap_or(0)
        };
        consumers.values().map(fallback).min()
    }

    /// The highest number any checkpoint names.
    pub(crate) fn highest(&self) -> u64 {
        let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.values().flatten().filter_map(|saved| saved.position).max().unwrap_or(0)
    }
}

fn saved(folder: &Path, id: JournalId, name: &str) -> Result<Vec<Saved>, JournalError> {
    let mut saved = Vec::new();
    for file in names(folder)? {
        let Some(serial) = serial_of(&file, name) else { continue };
        let path = folder.join(&file);
        let bytes = fs::read(&path).on("read", &path)?;
        saved.push(Saved { serial, position: checked_checkpoint(&bytes, id).map(|(position, _)| position) });
    }
    saved.sort_by_key(|saved| saved.serial);
    Ok(saved)
}

fn file_name(name: &str, serial: u64) -> String {
    format!("{name}.{serial:0NAME_DIGITS$}{CHECKPOINT_SUFFIX}")
}

fn serial_of(file: &str, name: &str) -> Option<u64> {
    let digits = file.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(CHECKPOINT_SUFFIX)?;
    digits.parse().ok().filter(|_| digits.len() == NAME_DIGITS)
}

fn check_name(name: &str) -> Result<(), JournalError> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fine = (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(legal);
    if fine { Ok(()) } else { Err(JournalError::ConsumerName) }
}
