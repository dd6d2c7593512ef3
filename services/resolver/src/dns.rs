//! Questions to DNS, with a limit on everything that comes back.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig as Servers, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{RData, Record, RecordType},
    },
};
use names::{Answer, Failure, Found, Question};
use runtime::ResolverConfig;
use tokio::time::timeout;

/// How long one server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// How long one name may take, all its questions together.
const LIMIT: Duration = Duration::from_secs(15);
/// Most addresses that are looked at in the answer to one question.
const ADDRESSES_MAX: usize = 256;
/// Most hosts that the SRV records of one name may name.
const TARGETS_MAX: usize = 16;

/// DNS as the configuration has it.
#[derive(Clone, Debug)]
pub struct Dns {
    resolver: TokioResolver,
}

/// The system's servers cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("there are no DNS servers to ask; `resolver.servers` can name some")]
pub struct NoServers(#[source] NetError);

/// Addresses of hosts, or that there are none.
struct Hosts {
    found: Vec<Found>,
    ttl_s: u32,
    /// What failed on the way.
    failure: Option<Failure>,
}

impl Dns {
    pub fn new(config: &ResolverConfig) -> Result<Self, NoServers> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = if config.servers.is_empty() {
            TokioResolver::builder(provider).map_err(NoServers)?
        } else {
            TokioResolver::builder_with_config(servers(config), provider)
        };
        options(builder.options_mut());
        Ok(Self { resolver: builder.build().map_err(NoServers)? })
    }

    /// Asks once. Whatever happens, there is an answer, and within a limited time.
    pub async fn ask(&self, question: &Question) -> Answer {
        let hosts = async {
            let name = question.name.as_str();
            if question.services.is_empty() {
                Ok(self.host(name, None).await)
            } else {
                self.services(name, question.services).await
            }
        };
        match timeout(LIMIT, hosts).await {
            Err(_) => Answer::Failed(Failure::Timeout),
            Ok(Err(failure)) => Answer::Failed(failure),
            Ok(Ok(hosts)) => hosts.answer(),
        }
    }

    /// A and AAAA records.
    async fn host(&self, name: &str, port: Option<u16>) -> Hosts {
        let (v4, v6) = tokio::join!(self.records(name, RecordType::A), self.records(name, RecordType::AAAA));
        let mut hosts = Hosts::none();
        for records in [v4, v6] {
            match records {
                Ok(records) => hosts.extend(&records, port),
                // One of the two is mostly empty; that is said only where both are.
                Err(Failure::Empty) => {}
                Err(failure) => hosts.failure = Some(failure),
            }
        }
        hosts
    }

    /// RFC 3263 §4.1: SRV records, then the hosts they name.
    async fn services(&self, name: &str, services: &[&str]) -> Result<Hosts, Failure> {
        let mut hosts = Hosts::none();
        let mut targets = BTreeSet::new();
        for service in services {
            match self.records(&format!("{service}.{name}"), RecordType::SRV).await {
                Ok(records) => targets.extend(hosts.targets(&records)),
                // Few carriers offer every service.
                Err(Failure::Empty | Failure::NoSuchName) => {}
                Err(failure) => hosts.failure = Some(failure),
            }
        }
        if targets.len() > TARGETS_MAX {
            return Err(Failure::TooMany);
        }
        let asked = targets.iter().map(|(target, port)| self.host(target, Some(*port)));
        for host in join_all(asked).await {
            hosts.add(host);
        }
        Ok(hosts)
    }

    async fn records(&self, name: &str, kind: RecordType) -> Result<Vec<Record>, Failure> {
        // With the dot at its end no search list makes another name of it.
        let name = format!("{}.", name.trim_end_matches('.'));
        let lookup = self.resolver.lookup(name, kind).await.map_err(|error| failure(&error))?;
        if lookup.answers().len() > ADDRESSES_MAX {
            return Err(Failure::TooMany);
        }
        Ok(lookup.answers().to_vec())
    }
}

impl Hosts {
    fn none() -> Self {
        Self { found: Vec::new(), ttl_s: u32::MAX, failure: None }
    }

    fn extend(&mut self, records: &[Record], port: Option<u16>) {
        for record in records {
            let address = match &record.data {
                RData::A(address) => address.0.into(),
                RData::AAAA(address) => address.0.into(),
                _ => continue,
            };
            self.found.push(Found { address, port });
            self.ttl_s = self.ttl_s.min(record.ttl);
        }
    }

    /// The hosts that SRV records name, with their ports; `.` says that there is no such service.
    fn targets(&mut self, records: &[Record]) -> Vec<(String, u16)> {
        let mut targets = Vec::new();
        for record in records {
            if let RData::SRV(service) = &record.data {
                self.ttl_s = self.ttl_s.min(record.ttl);
                if !service.target.is_root() && service.port != 0 {
                    targets.push((service.target.to_string(), service.port));
                }
            }
        }
        targets
    }

    fn add(&mut self, other: Self) {
        let failure = other.failure.or(other.found.is_empty().then_some(Failure::Empty));
        self.found.extend(other.found);
        self.ttl_s = self.ttl_s.min(other.ttl_s);
        self.failure = self.failure.or(failure);
    }

    fn answer(self) -> Answer {
        let Self { found, ttl_s, failure } = self;
        match (found.len(), failure) {
            (0, failure) => Answer::Failed(failure.unwrap_or(Failure::Empty)),
            (count, _) if count > ADDRESSES_MAX => Answer::Failed(Failure::TooMany),
            (_, failure) => Answer::Addresses { found, ttl_s, whole: failure.is_none() },
        }
    }
}

fn servers(config: &ResolverConfig) -> Servers {
    let server = |address: &std::net::SocketAddr| {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = address.port();
            connection
        });
        NameServerConfig::new(address.ip(), true, connections.into())
    };
    Servers::from_name_servers(config.servers.iter().map(server).collect())
}

fn options(options: &mut ResolverOpts) {
    options.timeout = PATIENCE;
    options.attempts = ATTEMPTS;
    options.try_tcp_on_error = true;
    // How long an answer holds is for our own rules to say, and a name in /etc/hosts is none that the carrier gave us.
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Timeout | NetError::Io(_) | NetError::NoConnections | NetError::Busy => Failure::Timeout,
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Failure::NoSuchName,
            ResponseCode::NoError => Failure::Empty,
            _ => Failure::Server,
        },
        NetError::Dns(DnsError::ResponseCode(ResponseCode::NXDomain)) => Failure::NoSuchName,
        NetError::Dns(_) => Failure::Server,
        _ => Failure::Broken,
    }
}
