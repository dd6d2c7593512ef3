//! The last good generations on disk, for a start without a database.

use std::{fs, io, path::PathBuf};

use generations::{FileDamage, GenerationFile};
use runtime::write_whole;

/// How many generations are kept: the newest, and two to fall back to when it is damaged.
const KEPT: usize = 3;
const EXTENSION: &str = "generation";

/// A folder with the files of one router, or of several on one machine.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// A file that could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("{path} cannot be read")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path} is damaged")]
    Damaged { path: PathBuf, source: FileDamage },
}

impl Folder {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The whole ones among the files, read one by one, last written first; what is wrong with the others.
    pub fn newest_first(&self) -> impl Iterator<Item = Result<GenerationFile, Unusable>> {
        let mut files = self.files();
        files.reverse();
        files.into_iter().map(|(_, path)| read(path))
    }

    /// Writes a generation beside the older ones, whole or not at all, and removes what is too old.
    pub fn keep(&self, generation: &GenerationFile) -> io::Result<()> {
        fs::create_dir_all(&self.path)?;
        let files = self.files();
        let sequence = files.last().map_or(1, |(sequence, _)| sequence + 1);
        let name = format!("{sequence:010}-{}.{EXTENSION}", generation.record.number);
        write_whole(&self.path.join(name), &generation.encode(), 0o666)?;
        let outdated = (files.len() + 1).saturating_sub(KEPT);
        // Another router on this machine may have been faster.
        files.iter().take(outdated).for_each(|(_, path)| drop(fs::remove_file(path)));
        Ok(())
    }

    /// In the order they were written. By a counter, not by the generation's number: after a restored database an
    /// older number is the newer file.
    fn files(&self) -> Vec<(u64, PathBuf)> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.filter_map(|entry| sequenced(entry.path())).collect();
        files.sort();
        files
    }
}

fn sequenced(path: PathBuf) -> Option<(u64, PathBuf)> {
    if path.extension()? != EXTENSION {
        return None;
    }
    let sequence = path.file_name()?.to_str()?.split_once('-')?.0.parse().ok()?;
    Some((sequence, path))
}

fn read(path: PathBuf) -> Result<GenerationFile, Unusable> {
    match fs::read(&path) {
        Err(source) => Err(Unusable::Unreadable { path, source }),
        Ok(bytes) => GenerationFile::decode(&bytes).map_err(|source| Unusable::Damaged { path, source }),
    }
}
