//! Programs of the machine: run by their own path, without a shell, within limits.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Seek, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::fs::{MemfdFlags, memfd_create};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::timeout,
};

/// Where programs of administrators are, which the `PATH` of a service need not name.
const ALSO: &str = "/usr/local/sbin:/usr/sbin:/sbin";
/// Most that is read of what a program prints: a hundred thousand networks are a twentieth of it.
const OUTPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most that is read of its complaints, and most that is shown of them.
const COMPLAINT_BYTES_MAX: u64 = 64 * 1024;
const COMPLAINT_CHARS_MAX: usize = 400;

/// A program of this machine.
#[derive(Clone, Debug)]
pub struct Tool {
    path: PathBuf,
    limit: Duration,
}

/// Why a program did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    #[error("there is no program `{0}` in PATH")]
    Missing(String),
    #[error("{} cannot be run", path.display())]
    Run {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} did not end within {} s", path.display(), limit.as_secs())]
    Late { path: PathBuf, limit: Duration },
    #[error("{} printed more than {} MiB", path.display(), OUTPUT_BYTES_MAX >> 20)]
    Loud { path: PathBuf },
    #[error("{} ended with {status}: {said}", path.display())]
    Failed { path: PathBuf, status: ExitStatus, said: String },
}

impl Tool {
    /// Looks a program up in the folders of `PATH`, and in those of administrators.
    pub fn find(name: &str, limit: Duration) -> Result<Self, ToolError> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain(env::split_paths(OsStr::new(ALSO)));
        let mut places = folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(name));
        let found = places.find(|place| is_program(place));
        found.map(|path| Self { path, limit }).ok_or_else(|| ToolError::Missing(name.to_owned()))
    }

    /// A program that somebody named by its path.
    pub fn at(path: &Path, limit: Duration) -> Result<Self, ToolError> {
        // A bare name would be looked for in PATH.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if is_program(&path) {
            Ok(Self { path, limit })
        } else {
            Err(ToolError::Missing(path.display().to_string()))
        }
    }

    /// What it prints when it is given this to read. It reads a file in memory that is whole before the program begins:
    /// whatever ends this process meanwhile, the program never sees a half.
    pub(crate) async fn run(&self, arguments: &[&str], input: &str) -> Result<String, ToolError> {
        let late = || ToolError::Late { path: self.path.clone(), limit: self.limit };
        timeout(self.limit, self.run_to_end(arguments, input)).await.map_err(|_| late())?
    }

    async fn run_to_end(&self, arguments: &[&str], input: &str) -> Result<String, ToolError> {
        let failed = |source| ToolError::Run { path: self.path.clone(), source };
        let mut command = Command::new(&self.path);
        command.args(arguments).env("LC_ALL", "C").kill_on_drop(true);
        command.stdin(in_memory(input).map_err(failed)?).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let (output, complaints) = (child.stdout.take(), child.stderr.take());
        let read =
            async { tokio::join!(read(output, OUTPUT_BYTES_MAX), read(complaints, COMPLAINT_BYTES_MAX)) };
        let (output, complaints) = read.await;
        let (output, complaints) = (output.map_err(failed)?, complaints.map_err(failed)?);
        if output.len() as u64 > OUTPUT_BYTES_MAX {
            return Err(ToolError::Loud { path: self.path.clone() });
        }
        let status = child.wait().await.map_err(failed)?;
        if status.success() {
            return Ok(String::from_utf8_lossy(&output).into_owned());
        }
        Err(ToolError::Failed { path: self.path.clone(), status, said: shown(&complaints) })
    }
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn in_memory(text: &str) -> io::Result<File> {
    let mut file = File::from(memfd_create("input", MemfdFlags::CLOEXEC)?);
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

/// Reads to the end, or to one byte more than there may be.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(most + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// A complaint on one line, fit for a log.
fn shown(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(COMPLAINT_CHARS_MAX).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_program_reads_and_prints() {
        let input = "line\n".repeat(200_000);
        assert_eq!(Tool::find("cat", LIMIT).unwrap().run(&[], &input).await.unwrap(), input);
        assert_eq!(Tool::find("cat", LIMIT).unwrap().run(&["/dev/stdin"], &input).await.unwrap(), input);
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let sh = || Tool::find("sh", LIMIT).unwrap();
        let failed = sh().run(&["-c", "echo no  way >&2; exit 3"], "").await.unwrap_err();
        assert!(matches!(&failed, ToolError::Failed { said, .. } if said == "no way"), "{failed}");
        let endless = sh().run(&["-c", "cat /dev/zero"], "").await.unwrap_err();
        assert!(matches!(endless, ToolError::Loud { .. }), "{endless}");
        let slow =
            Tool::find("sleep", Duration::from_millis(50)).unwrap().run(&["600"], "").await.unwrap_err();
        assert!(matches!(slow, ToolError::Late { .. }), "{slow}");
        assert!(matches!(Tool::find("no-such-program", LIMIT), Err(ToolError::Missing(_))));
        assert!(matches!(Tool::at(Path::new("/etc/passwd"), LIMIT), Err(ToolError::Missing(_))));
    }
}
