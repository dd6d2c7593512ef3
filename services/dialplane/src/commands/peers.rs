use std::{fs, io, path::Path, process::ExitCode};

use anyhow::anyhow;
use nodes::{HopKey, PeerFormat};
use runtime::Config;

use super::{active, open};
use crate::{
    cli::{Peers, PeersFormat},
    failure::{DONE, Failure},
    files,
};

pub(crate) async fn run(config: &Config, command: Peers) -> Result<ExitCode, Failure> {
    let Peers::Export { node, format, key_file } = command;
    let format = match format {
        PeersFormat::Iax => PeerFormat::Iax,
        PeersFormat::Pjsip => PeerFormat::Pjsip,
        PeersFormat::Sip => PeerFormat::Sip,
    };
    let tables = active(&open(config).await?).await?.tables().into();
    let key = key(&key_file)?;
    print!("{}", nodes::peers(&tables, &node, format, &key)?);
    Ok(DONE)
}

/// Reads the key, or makes one where there is none yet.
fn key(path: &Path) -> Result<HopKey, Failure> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::unavailable(anyhow!("no randomness: {error}")))?;
    if files::make_secret(path, &bytes)? {
        eprintln!("dialplane: made {}; all nodes' files must be made with this one", path.display());
    }
    // Of several at once one made it, and all use that.
    read(path)?.ok_or_else(|| Failure::usage(anyhow!("{} is gone again", path.display())))
}

fn read(path: &Path) -> Result<Option<HopKey>, Failure> {
    match fs::read(path) {
        Ok(bytes) => {
            let bytes = bytes.try_into().map_err(|_| anyhow!("{} is no key of 32 bytes", path.display()));
            Ok(Some(HopKey::new(bytes.map_err(Failure::usage)?)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Failure::usage(anyhow!(error).context(format!("{} cannot be read", path.display()))))
        }
    }
}
