//! The sections one node needs so that it can hand calls over to every other, and take calls from them.
//!
//! One section per other server, named alike on all nodes: the name is what the router knows a calling server by, so
//! no two servers share one.

use std::fmt::{self, Write};

use domain::{HopPath, NodeName};
use routing::tables::{Server, Tables};
use sha2::{Digest, Sha256};

use crate::{NodesError, others, server};

/// The file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerFormat {
    Iax,
    Pjsip,
    Sip,
}

/// What the secrets between servers are made from. Whoever has it can make all of them.
pub struct HopKey([u8; 32]);

impl HopKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret two servers share, the same whichever of them asks. HMAC is not needed: the key has a fixed length and
    /// stands on both sides of a text of known form.
    fn secret(&self, one: &str, other: &str) -> String {
        let mut names = [one, other];
        names.sort_unstable();
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(names.join("/"));
        hasher.update(self.0);
        hasher.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl fmt::Debug for HopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HopKey(***)")
    }
}

/// The sections of `node` for all other servers.
pub fn peers(
    tables: &Tables,
    node: &NodeName,
    format: PeerFormat,
    key: &HopKey,
) -> Result<String, NodesError> {
    let me = server(tables, node)?;
    let mut text = format!("; How {node} reaches the other servers, and they it.\n");
    for other in others(tables, me.id) {
        text.push('\n');
        match format {
            PeerFormat::Iax => iax(&mut text, me, other, key)?,
            PeerFormat::Pjsip => pjsip(&mut text, other)?,
            PeerFormat::Sip => sip(&mut text, other)?,
        }
    }
    Ok(text)
}

/// RSA keys prove who calls. They do not encrypt: without a secret beside them Asterisk refuses every encrypted call.
fn iax(text: &mut String, me: &Server, other: &Server, key: &HopKey) -> Result<(), NodesError> {
    let (my_name, name) = (peer(me, "iax2", me.iax2.as_ref())?, peer(other, "iax2", other.iax2.as_ref())?);
    let (host, secret) = (host(other)?, key.secret(my_name, name));
    section(
        text,
        name,
        &[
            ("type", "friend"),
            ("host", &host),
            ("username", my_name),
            ("auth", "rsa"),
            ("inkeys", name),
            ("outkey", my_name),
            ("secret", &secret),
            ("encryption", "yes"),
            ("context", "redirect"),
            ("requirecalltoken", "yes"),
            ("transfer", "no"),
            ("trunk", "no"),
            ("qualify", "yes"),
            ("disallow", "all"),
            ("allow", "alaw,ulaw"),
        ],
    );
    Ok(())
}

fn pjsip(text: &mut String, other: &Server) -> Result<(), NodesError> {
    let (name, host) = (peer(other, "sip", other.sip.as_ref())?, host(other)?);
    let contact = format!("sip:{host}:5060");
    section(
        text,
        name,
        &[
            ("type", "endpoint"),
            ("context", "redirect"),
            ("disallow", "all"),
            ("allow", "alaw,ulaw"),
            ("aors", name),
            ("identify_by", "ip"),
            ("allow_transfer", "no"),
            ("direct_media", "no"),
            ("send_pai", "yes"),
            ("trust_id_inbound", "yes"),
            ("trust_id_outbound", "yes"),
        ],
    );
    section(
        text,
        name,
        &[("type", "aor"), ("contact", &contact), ("qualify_frequency", "15"), ("qualify_timeout", "1.0")],
    );
    section(text, name, &[("type", "identify"), ("endpoint", name), ("match", &host)]);
    Ok(())
}

fn sip(text: &mut String, other: &Server) -> Result<(), NodesError> {
    let (name, host) = (peer(other, "sip", other.sip.as_ref())?, host(other)?);
    section(
        text,
        name,
        &[
            ("type", "peer"),
            ("host", &host),
            ("insecure", "port,invite"),
            ("context", "redirect"),
            ("disallow", "all"),
            ("allow", "alaw,ulaw"),
            ("allowtransfer", "no"),
            ("directmedia", "no"),
            ("trustrpid", "yes"),
            ("sendrpid", "pai"),
            ("qualify", "yes"),
        ],
    );
    Ok(())
}

fn section(text: &mut String, name: &str, options: &[(&str, &str)]) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "[{name}]");
    for (key, value) in options {
        let _ = writeln!(text, "{key}={value}");
    }
}

fn peer<'t>(of: &Server, field: &'static str, path: Option<&'t HopPath>) -> Result<&'t str, NodesError> {
    path.map(|path| path.peer.as_str())
        .ok_or_else(|| NodesError::NoPath { node: of.servername.clone(), field })
}

fn host(of: &Server) -> Result<String, NodesError> {
    let address = of.ipaddress.ok_or_else(|| NodesError::NoAddress(of.servername.clone()))?;
    Ok(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article() -> Tables {
        toml::from_str(store::ARTICLE).unwrap()
    }

    fn iax_of(node: &str) -> String {
        peers(&article(), &node.parse().unwrap(), PeerFormat::Iax, &HopKey::new([7; 32])).unwrap()
    }

    fn secret_for<'t>(file: &'t str, peer: &str) -> &'t str {
        let section = file.split(&format!("[{peer}]\n")).nth(1).unwrap();
        section.lines().find_map(|line| line.strip_prefix("secret=")).unwrap()
    }

    #[test]
    fn every_other_server_has_one_section() {
        let file = iax_of("asterisk-macomnet");
        assert_eq!(file.matches("type=friend").count(), 2);
        assert!(file.contains("[msm]\ntype=friend\nhost=89.208.16.1\nusername=macomnet\n"), "{file}");
        assert!(!file.contains("[macomnet]"));
    }

    #[test]
    fn both_ends_share_a_secret_and_no_two_pairs_do() {
        let (macomnet, msm) = (iax_of("asterisk-macomnet"), iax_of("asterisk-msm"));
        assert_eq!(secret_for(&macomnet, "msm"), secret_for(&msm, "macomnet"));
        assert_ne!(secret_for(&macomnet, "msm"), secret_for(&macomnet, "corbina"));
        assert_eq!(format!("{:?}", HopKey::new([7; 32])), "HopKey(***)");
    }

    #[test]
    fn a_node_that_does_not_exist_has_no_file() {
        let error = peers(&article(), &"nowhere".parse().unwrap(), PeerFormat::Iax, &HopKey::new([7; 32]));
        assert_eq!(error.unwrap_err().to_string(), "there is no enabled server `nowhere`");
    }
}
