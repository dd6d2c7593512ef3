//! How live calls are shown.

use std::{collections::BTreeSet, time::Duration};

use ::calls::{CallState, ChannelState, Direction, LiveCall, LiveChannel, Party};
use boards::{Posted, Source};
use domain::NodeName;
use serde::Serialize;

use crate::{
    answer,
    commands::{
        calls::text::{printable, word},
        generations::instant,
    },
};

/// A collector speaks every second.
const OLD: Duration = Duration::from_secs(5);

#[derive(Serialize)]
pub(super) struct Shown {
    /// Every node that has a board or should have one, sorted.
    nodes: Vec<NodeView>,
    /// By node, and of each node the oldest first.
    calls: Vec<CallView>,
}

#[derive(Serialize)]
struct NodeView {
    node: NodeName,
    told: Told,
    /// Who told; null where nobody did, as what follows.
    collector: Option<String>,
    source: Option<&'static str>,
    age_ms: Option<u64>,
    /// How many calls are shown, and how many more are up.
    calls: usize,
    left_out: u64,
}

/// When somebody last told of a node's calls.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Now,
    /// More than 5 s ago.
    Before,
    /// Not within 15 s.
    Never,
}

#[derive(Serialize)]
struct CallView {
    node: NodeName,
    unique_id: Box<str>,
    created: String,
    root: Option<Box<str>>,
    decision: Option<Box<str>>,
    direction: Option<Direction>,
    state: CallState,
    since: String,
    duration_s: u64,
    caller: Option<Box<str>>,
    called: Option<Box<str>>,
    attempts: u32,
    channels: Vec<ChannelView>,
    channels_left_out: u32,
}

#[derive(Serialize)]
struct ChannelView {
    unique_id: Box<str>,
    channel: Box<str>,
    state: ChannelState,
    /// The channels it talks with.
    with: Vec<Box<str>>,
}

impl Shown {
    pub(super) fn of(boards: &[Posted], expected: &BTreeSet<NodeName>) -> Self {
        let told: BTreeSet<_> = boards.iter().map(|board| board.live.node.clone()).collect();
        let missing = expected.difference(&told).cloned().map(NodeView::missing);
        let mut nodes: Vec<_> = boards.iter().map(NodeView::of).chain(missing).collect();
        nodes.sort_by(|one, other| one.node.cmp(&other.node));
        let calls =
            boards.iter().flat_map(|board| board.live.calls.iter().map(|call| CallView::of(board, call)));
        Self { nodes, calls: calls.collect() }
    }

    /// Whether there is nobody who knows.
    pub(super) fn is_untold(&self) -> bool {
        self.nodes.iter().all(|node| node.told == Told::Never)
    }

    pub(super) fn print(&self) {
        let header =
            ["node", "since", "duration", "state", "direction", "caller", "called", "attempts", "channels"];
        answer::table(&header, self.calls.iter().map(CallView::cells));
        for remark in self.nodes.iter().filter_map(NodeView::remark) {
            println!("{remark}");
        }
    }
}

impl NodeView {
    fn of(board: &Posted) -> Self {
        Self {
            node: board.live.node.clone(),
            told: if board.age < OLD { Told::Now } else { Told::Before },
            collector: Some(board.live.collector.to_string()),
            source: Some(match board.source {
                Source::Bus => "bus",
                Source::Database => "database",
            }),
            age_ms: Some(u64::try_from(board.age.as_millis()).unwrap_or(u64::MAX)),
            calls: board.live.calls.len(),
            left_out: board.live.left_out,
        }
    }

    fn missing(node: NodeName) -> Self {
        Self { node, told: Told::Never, collector: None, source: None, age_ms: None, calls: 0, left_out: 0 }
    }

    /// What is not as it should be.
    fn remark(&self) -> Option<String> {
        let node = &self.node;
        let age_s = self.age_ms.unwrap_or_default() / 1000;
        match self.told {
            Told::Never => Some(format!("{node}: nobody tells of its calls")),
            Told::Before => Some(format!("{node}: this was told {age_s} s ago")),
            Told::Now if self.left_out > 0 => Some(format!("{node}: {} more calls are up", self.left_out)),
            Told::Now => None,
        }
    }
}

impl CallView {
    fn of(board: &Posted, call: &LiveCall) -> Self {
        let age_us = i64::try_from(board.age.as_micros()).unwrap_or(i64::MAX);
        // By the collector's own clock, which need not be ours.
        let lasted_us = board.live.at_us.saturating_add(age_us).saturating_sub(call.since_us);
        let raw = |party: &Option<Party>| party.as_ref().map(|party| party.raw.clone());
        Self {
            node: board.live.node.clone(),
            unique_id: call.unique_id.clone(),
            created: instant(call.created_us),
            root: call.root.clone(),
            decision: call.decision.clone(),
            direction: call.direction,
            state: call.state,
            since: instant(call.since_us),
            duration_s: u64::try_from(lasted_us / 1_000_000).unwrap_or_default(),
            caller: raw(&call.caller),
            called: raw(&call.called),
            attempts: call.attempts,
            channels: call.channels.iter().map(|channel| ChannelView::of(call, channel)).collect(),
            channels_left_out: call.channels_left_out,
        }
    }

    fn cells(&self) -> [String; 9] {
        let text = |text: &Option<Box<str>>| printable(text.as_deref().unwrap_or_default());
        let mut channels: Vec<_> = self.channels.iter().map(ChannelView::line).collect();
        if self.channels_left_out > 0 {
            channels.push(format!("and {} more", self.channels_left_out));
        }
        [
            self.node.to_string(),
            self.since.clone(),
            duration(self.duration_s),
            word(&self.state).unwrap_or_default(),
            word(&self.direction).unwrap_or_default(),
            text(&self.caller),
            text(&self.called),
            self.attempts.to_string(),
            channels.join("\n"),
        ]
    }
}

impl ChannelView {
    fn of(call: &LiveCall, channel: &LiveChannel) -> Self {
        Self {
            unique_id: channel.unique_id.clone(),
            channel: channel.name.clone(),
            state: channel.state,
            with: call.partners(channel).map(|partner| partner.name.clone()).collect(),
        }
    }

    fn line(&self) -> String {
        let with: Vec<_> = self.with.iter().map(|partner| printable(partner)).collect();
        let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
        format!("{} {}{with}", printable(&self.channel), word(&self.state).unwrap_or_default())
    }
}

fn duration(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_at_a_glance() {
        assert_eq!(duration(7), "0:00:07");
        assert_eq!(duration(3_600 * 100 + 61), "100:01:01");
    }
}
