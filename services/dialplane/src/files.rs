//! Files that commands write: whole or not at all, secrets readable by their owner only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};

use crate::failure::Failure;

/// Writes a secret into a file that nobody else may read.
pub(crate) fn write_secret(path: &Path, secret: &[u8]) -> Result<(), Failure> {
    write(path, secret, 0o600)
        .with_context(|| format!("{} cannot be written", path.display()))
        .map_err(Failure::usage)
}

/// Makes a file with a secret, whole, unless somebody else just made it; whether it was this one.
pub(crate) fn make_secret(path: &Path, secret: &[u8]) -> Result<bool, Failure> {
    let next = path.with_extension(format!("{}.next", std::process::id()));
    let made = write(&next, secret, 0o600).and_then(|()| {
        let made = fs::hard_link(&next, path);
        fs::remove_file(&next)?;
        made
    });
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        made => made
            .map(|()| true)
            .with_context(|| format!("{} cannot be written", path.display()))
            .map_err(Failure::usage),
    }
}

/// Replaces a file in one step, if its content changes; whether it did.
pub(crate) fn replace(path: &Path, content: &str) -> Result<bool, Failure> {
    if fs::read_to_string(path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    let name = path.file_name().ok_or_else(|| Failure::usage(anyhow!("{} names no file", path.display())))?;
    // Files of one name that differ in their extension are replaced at the same time, by one timer.
    let next = path.with_file_name(format!(".{}.{}", name.display(), std::process::id()));
    let replaced = write(&next, content.as_bytes(), 0o640).and_then(|()| fs::rename(&next, path));
    replaced.with_context(|| format!("{} cannot be written", path.display())).map_err(Failure::usage)?;
    Ok(true)
}

/// A file in the making, beside the place it will have, readable by its owner only. Unless it is kept it is removed.
pub(crate) struct Draft {
    place: PathBuf,
    beside: PathBuf,
    force: bool,
}

impl Draft {
    /// Makes it, and gives what is to be written to. What has its place already is refused but with `force`; what is there
    /// and no file always is.
    pub(crate) fn create(place: &Path, force: bool) -> Result<(Self, File), Failure> {
        let shown = place.display();
        match fs::metadata(place) {
            Ok(there) if !there.is_file() => return Err(Failure::usage(anyhow!("{shown} is no file"))),
            Ok(_) if !force => return Err(exists(place)),
            _ => {}
        }
        let name = place.file_name().ok_or_else(|| Failure::usage(anyhow!("{shown} names no file")))?;
        let beside = place.with_file_name(format!(".{}.{}", name.display(), std::process::id()));
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&beside);
        let file = file.with_context(|| format!("{shown} cannot be written")).map_err(Failure::usage)?;
        Ok((Self { place: place.to_owned(), beside, force }, file))
    }

    /// Where it is until it is kept.
    pub(crate) fn beside(&self) -> &Path {
        &self.beside
    }

    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Gives it its place, in one step, when all of it is on the disk.
    pub(crate) fn keep(self, file: &File) -> Result<(), Failure> {
        let kept = file.sync_all().and_then(|()| self.put()).and_then(|()| self.sync_folder());
        match kept {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&self.place)),
            kept => kept
                .with_context(|| format!("{} cannot be written", self.place.display()))
                .map_err(Failure::unavailable),
        }
    }

    /// Somebody else may have made the file meanwhile: a link is refused then, while renaming would replace it.
    fn put(&self) -> io::Result<()> {
        if self.force {
            fs::rename(&self.beside, &self.place)
        } else {
            fs::hard_link(&self.beside, &self.place)
        }
    }

    fn sync_folder(&self) -> io::Result<()> {
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once renamed it is not there any more.
        let _ = fs::remove_file(&self.beside);
    }
}

fn exists(place: &Path) -> Failure {
    Failure::refused(anyhow!("{} exists; --force replaces it", place.display()))
}

fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
