//! A router over the article's tables, with one node that has a token, and a reader of replies.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use prometheus::{IntCounter, Registry};
use router::{Decisions, Metrics, Publisher, Service, snapshots};
use routing::{
    Generation, Snapshot,
    tables::{NodeToken, Tables},
};
use runtime::Health;

pub(crate) const TOKEN: &str = "dpn_0000000000000000000000000000000000000000000000000000000000000000";
const TOKEN_SHA256: &str = "d69530cd89543644aec5a8e164b1c42dc852845d80271280e1339cc77e4945c2";

pub(crate) fn article() -> Tables {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    tables.node_tokens.push(NodeToken {
        id: domain::NodeTokenId(1),
        server_id: tables.servers[0].id,
        token_sha256: TOKEN_SHA256.into(),
        comment: None,
    });
    tables
}

pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) publisher: Publisher,
    pub(crate) registry: Registry,
    /// What was decided.
    pub(crate) decisions: Decisions,
    pub(crate) lost: IntCounter,
}

/// A router with nothing to answer from.
pub(crate) fn empty() -> Rig {
    let registry = Registry::new();
    let metrics = Arc::new(Metrics::new(&registry).unwrap());
    let (publisher, snapshots) = snapshots(Arc::clone(&metrics), Health::default());
    let lost = IntCounter::new("lost", "Decisions lost.").unwrap();
    let (sink, decisions) = router::decisions(lost.clone());
    let service = Service::new(snapshots, metrics, Duration::from_millis(100), Some(sink));
    Rig { service, publisher, registry, decisions, lost }
}

pub(crate) fn serving(tables: &Tables) -> Rig {
    let mut rig = empty();
    let snapshot =
        Snapshot::compile(tables.clone().into(), Generation::of_working_copy(tables.fingerprint())).unwrap();
    rig.publisher.publish(snapshot);
    rig
}

impl Rig {
    pub(crate) fn ask(&self, verb: &str, question: &str) -> BTreeMap<String, String> {
        read(&self.service.answer(verb, question.as_bytes(), None).line)
    }

    pub(crate) fn metric(&self, text: &str) -> bool {
        prometheus::TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap().contains(text)
    }
}

/// A complete question of phone 1000, to which a test adds what it is about.
pub(crate) fn question(more: &str) -> String {
    format!("node=asterisk-macomnet&token={TOKEN}&dp=1&call=1.1&endpoint=1000&from=1000{more}")
}

/// Reads a line as `HASH(DP)=${CURL(…)}` with `hashcompat=yes` does: split at `&` and `=`, then percent-decode, with
/// `+` left alone; at most 99 keys.
pub(crate) fn read(line: &str) -> BTreeMap<String, String> {
    assert!(line.len() < 3_900, "{} bytes", line.len());
    assert!(
        line.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b'+')),
        "{line}"
    );
    let mut keys = BTreeMap::new();
    for pair in line.split('&') {
        let (key, value) = pair.split_once('=').unwrap();
        assert!(keys.insert(key.to_owned(), decoded(value)).is_none(), "{key} twice in {line}");
    }
    assert!(keys.len() <= 99);
    keys
}

fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
