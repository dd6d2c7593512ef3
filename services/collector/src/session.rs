//! The session with a node, out of the configuration; and what there is to say about it.

use ami::{LinkState, Manager, Target, Tls};
use anyhow::Context;
use domain::NodeName;
use runtime::{CancellationToken, Health, NodeConfig};

pub(crate) fn target(node: &NodeName, config: &NodeConfig, metrics: ami::Metrics) -> anyhow::Result<Target> {
    let address = config.address.parse().context("address")?;
    let mut target = Target::new(node.clone(), address, &config.username, config.secret.clone(), metrics);
    let tls = || Tls { ca_file: config.ca_file.clone(), server_name: config.server_name.clone() };
    target.tls = config.tls.then(tls);
    Ok(target)
}

/// Shows in the readiness how the session is.
pub(crate) async fn show(node: NodeName, manager: Manager, health: Health, stop: CancellationToken) {
    let part = format!("session with {node}");
    let mut states = manager.states();
    loop {
        let remark = remark(&states.borrow_and_update());
        health.remark(part.clone(), remark);
        tokio::select! {
            changed = states.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
    }
}

/// None where all is as it should be.
fn remark(state: &LinkState) -> Option<String> {
    match state {
        LinkState::Connecting => Some("connecting".to_owned()),
        LinkState::Away { why } => Some(format!("away: {why}")),
        LinkState::Refused { why } => Some(format!("refused: {why}")),
        LinkState::Listening { findings, .. } if findings.is_empty() => None,
        LinkState::Listening { findings, .. } => {
            let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
            Some(findings.join("; "))
        }
        LinkState::Stopped => Some("stopped".to_owned()),
    }
}
