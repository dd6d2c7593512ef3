//! The nodes, and the ways between them.

use domain::{CountryCode, DialRules, HopPath, HopProtocol, NodeName, ServerId, SipDriver};
use rustc_hash::FxHashMap;

use super::{TableFaults, parts::Part};
use crate::{ChunkedTables, tables::Server};

/// One Asterisk.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) server: ServerId,
    pub(crate) country: CountryCode,
    pub(crate) rules: DialRules,
    pub(crate) driver: SipDriver,
}

/// The enabled nodes by name.
#[derive(Debug)]
pub(crate) struct Nodes(FxHashMap<NodeName, Node>);

impl Nodes {
    pub(crate) fn get(&self, name: &NodeName) -> Option<&Node> {
        self.0.get(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Part for Nodes {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let countries: FxHashMap<CountryCode, _> =
            tables.countries.rows().map(|row| (row.iso, row.dial_rules())).collect();
        let node = |row: &Server| {
            let rules = *countries.get(&row.location)?;
            let node = Node { server: row.id, country: row.location, rules, driver: row.sip_driver };
            Some((row.servername.clone(), node))
        };
        Self(tables.servers.rows().filter(|row| row.enabled).filter_map(node).collect())
    }
}

/// How the enabled servers reach each other, and the sections that stand for them on the others.
#[derive(Debug)]
pub(crate) struct Servers {
    /// By the protocol each prefers; absent: it takes no calls from the others.
    paths: FxHashMap<ServerId, HopPath>,
    by_peer: FxHashMap<Box<str>, ServerId>,
}

impl Servers {
    pub(crate) fn path(&self, server: ServerId) -> Option<&HopPath> {
        self.paths.get(&server)
    }

    pub(crate) fn of_peer(&self, peer: &str) -> Option<ServerId> {
        self.by_peer.get(peer).copied()
    }
}

impl Part for Servers {
    fn compile(tables: &ChunkedTables, _: &mut TableFaults) -> Self {
        let enabled = || tables.servers.rows().filter(|row| row.enabled);
        let sections = |row: &Server| {
            let (id, paths) = (row.id, [row.sip.clone(), row.iax2.clone()]);
            paths.into_iter().flatten().map(move |path| (path.peer.as_str().into(), id))
        };
        let preferred = |row: &Server| match row.protocol {
            HopProtocol::Sip => row.sip.clone(),
            HopProtocol::Iax2 => row.iax2.clone(),
        };
        Self {
            paths: enabled().filter_map(|row| Some((row.id, preferred(row)?))).collect(),
            by_peer: enabled().flat_map(sections).collect(),
        }
    }
}
