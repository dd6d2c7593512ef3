//! Files that commands write: whole or not at all, secrets readable by their owner only.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;

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
    let next = path.with_extension("next");
    let replaced = write(&next, content.as_bytes(), 0o640).and_then(|()| fs::rename(&next, path));
    replaced.with_context(|| format!("{} cannot be written", path.display())).map_err(Failure::usage)?;
    Ok(true)
}

fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
