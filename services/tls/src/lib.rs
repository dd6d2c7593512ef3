//! Encrypted connections to others, who are known by name or address and vouched for by an authority.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub use tokio_rustls::client::TlsStream;

/// Why there is no encrypted connection; what the other side did is [`io::Error`]'s.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} holds no certificate in PEM form", path.display())]
    NoCertificate { path: PathBuf },
    #[error("this machine trusts no certificate authority; name one")]
    NoRoots,
    #[error("`{name}` is neither a host name nor an address")]
    ServerName {
        name: String,
        #[source]
        source: InvalidDnsNameError,
    },
    #[error("the provider of cryptography offers no version of TLS")]
    Provider(#[source] rustls::Error),
    #[error("no encrypted connection")]
    Handshake(#[source] io::Error),
}

/// Encrypts a connection to whom this name or address is certified, by those in `ca_file` or, without it, by those this
/// machine trusts. Everything is read anew for each connection, so that a renewed certificate needs no restart.
pub async fn encrypt(
    ca_file: Option<&Path>,
    name: &str,
    connection: TcpStream,
) -> Result<TlsStream<TcpStream>, TlsError> {
    let server_name = ServerName::try_from(name.to_owned());
    let server_name = server_name.map_err(|source| TlsError::ServerName { name: name.to_owned(), source })?;
    let roots = roots(ca_file).await?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(server_name, connection).await.map_err(TlsError::Handshake)
}

async fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca_file else {
        let trusted = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
        roots.add_parsable_certificates(trusted.map(|trusted| trusted.certs).unwrap_or_default());
        return if roots.is_empty() { Err(TlsError::NoRoots) } else { Ok(roots) };
    };
    let pem = tokio::fs::read(path).await;
    let pem = pem.map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })?;
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    if roots.is_empty() { Err(TlsError::NoCertificate { path: path.to_owned() }) } else { Ok(roots) }
}
