use std::{io, path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{Address, Host, Tls};

/// Why there is no encrypted connection; what the other side did is [`io::Error`]'s.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
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

/// Everything is read anew for each connection, so that a renewed certificate needs no restart.
pub(crate) async fn encrypt(
    tls: &Tls,
    address: &Address,
    connection: TcpStream,
) -> Result<TlsStream<TcpStream>, TlsError> {
    let name = server_name(tls, address)?;
    let roots = roots(tls).await?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(name, connection).await.map_err(TlsError::Handshake)
}

fn server_name(tls: &Tls, address: &Address) -> Result<ServerName<'static>, TlsError> {
    let name = match (&tls.server_name, &address.host) {
        (Some(name), _) => name.clone(),
        (None, Host::Name(name)) => name.to_string(),
        (None, Host::Ip(ip)) => return Ok(ServerName::IpAddress((*ip).into())),
    };
    ServerName::try_from(name.clone()).map_err(|source| TlsError::ServerName { name, source })
}

async fn roots(tls: &Tls) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = tls.ca_file.clone() else {
        let trusted = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
        roots.add_parsable_certificates(trusted.map(|trusted| trusted.certs).unwrap_or_default());
        return if roots.is_empty() { Err(TlsError::NoRoots) } else { Ok(roots) };
    };
    let pem = tokio::fs::read(&path).await;
    let pem = pem.map_err(|source| TlsError::Unreadable { path: path.clone(), source })?;
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    if roots.is_empty() { Err(TlsError::NoCertificate { path }) } else { Ok(roots) }
}
