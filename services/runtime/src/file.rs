use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process,
};

/// Replaces a file whole or not at all, or makes it. A crash leaves the old one or the new one: the bytes are on disk before
/// the name is, and the name before this returns.
pub fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", process::id()));
    let beside = Path::new(&beside);
    let written = write(beside, bytes, mode).and_then(|()| fs::rename(beside, path));
    if written.is_err() {
        // A full disk shall not stay full of halves.
        let _ = fs::remove_file(beside);
    }
    written?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
