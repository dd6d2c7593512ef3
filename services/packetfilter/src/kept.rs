//! What was loaded last, on disk: for the start of the machine, and for a process that was killed at its work.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use runtime::write_whole;
use sha2::{Digest, Sha256};

/// What a kept file begins with: a comment to every tool that reads it.
const HEADING: &str = "# sha256 ";

/// A file, and beside it what is needed while it is being replaced.
#[derive(Clone, Debug)]
pub struct Kept {
    path: PathBuf,
}

/// Why what is loaded cannot be kept on disk, or read from there.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    #[error("{} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} cannot be written", path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is damaged: it does not match its checksum", path.display())]
    Damaged { path: PathBuf },
    #[error("somebody else changes the packet filter just now: {} is locked", path.display())]
    Busy { path: PathBuf },
}

impl Kept {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What was loaded last and found good.
    pub fn last(&self) -> Result<Option<String>, KeptError> {
        read(&self.path)
    }

    pub(crate) fn keep(&self, text: &str) -> Result<(), KeptError> {
        write(&self.path, text)
    }

    /// What was loaded before a change that has not come to its end.
    pub(crate) fn before(&self) -> Result<Option<String>, KeptError> {
        read(&self.beside("before"))
    }

    pub(crate) fn keep_before(&self, text: &str) -> Result<(), KeptError> {
        write(&self.beside("before"), text)
    }

    /// The change came to its end.
    pub(crate) fn forget_before(&self) -> Result<(), KeptError> {
        let path = self.beside("before");
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(KeptError::Unwritable { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Keeps other processes from changing the filter as long as the file is held.
    pub(crate) fn lock(&self) -> Result<File, KeptError> {
        let path = self.beside("lock");
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(&path));
        match made.map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => Ok(file),
            Ok((Err(fs::TryLockError::WouldBlock), _)) => Err(KeptError::Busy { path }),
            Ok((Err(fs::TryLockError::Error(source)), _)) | Err(source) => {
                Err(KeptError::Unwritable { path, source })
            }
        }
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(".");
        path.push(extension);
        path.into()
    }
}

fn read(path: &Path) -> Result<Option<String>, KeptError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(KeptError::Unreadable { path: path.to_owned(), source }),
    };
    let checked = text.split_once('\n').filter(|(heading, rest)| **heading == heading_of(rest));
    let damaged = || KeptError::Damaged { path: path.to_owned() };
    checked.map(|(_, rest)| Some(rest.to_owned())).ok_or_else(damaged)
}

fn write(path: &Path, text: &str) -> Result<(), KeptError> {
    let unwritable = |source| KeptError::Unwritable { path: path.to_owned(), source };
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(unwritable)?;
    write_whole(path, format!("{}\n{text}", heading_of(text)).as_bytes(), 0o640).map_err(unwritable)
}

fn heading_of(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    HEADING.chars().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_not_taken() {
        let folder = std::env::temp_dir().join(format!("dialplane-kept-{}", std::process::id()));
        let kept = Kept::new(folder.join("firewall.nft"));
        assert_eq!(kept.last().unwrap(), None);
        kept.keep("table\n").unwrap();
        assert_eq!(kept.last().unwrap().as_deref(), Some("table\n"));
        kept.keep_before("").unwrap();
        assert_eq!(kept.before().unwrap().as_deref(), Some(""));
        kept.forget_before().unwrap();
        kept.forget_before().unwrap();
        assert_eq!(kept.before().unwrap(), None);
        let path = folder.join("firewall.nft");
        let whole = fs::read_to_string(&path).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole.replace("table", "fable"), "", "table\n"] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(kept.last(), Err(KeptError::Damaged { .. })), "{damaged:?}");
        }
        let held = kept.lock().unwrap();
        assert!(matches!(kept.lock(), Err(KeptError::Busy { .. })));
        drop(held);
        kept.lock().unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}
