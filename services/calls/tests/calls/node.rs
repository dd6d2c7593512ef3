//! A node as somebody would keep it who reads nothing but headers: which channels there are, where they are, and what it
//! answers when it is asked. It shares no code with what it is to test.

use std::{collections::BTreeMap, fmt::Write};

use asterisk::ami::Block;

#[derive(Clone, Default)]
pub(crate) struct Node {
    /// By uniqueid.
    channels: BTreeMap<String, Channel>,
    /// Uniqueids of those who wait, by queue.
    queues: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Default)]
struct Channel {
    name: String,
    linked_id: String,
    state: String,
    state_text: String,
    bridge: String,
}

/// The answer to one action: its items, and the event that ends it.
pub(crate) struct List(pub(crate) Vec<String>);

fn header(event: &Block, name: &str) -> Option<String> {
    let mut headers = event.headers();
    let found = headers.find(|header| header.name.as_bytes() == name.as_bytes())?;
    Some(String::from_utf8(found.value.as_bytes().to_vec()).unwrap())
}

impl Node {
    /// What the node is after these events.
    pub(crate) fn after<'b>(events: impl IntoIterator<Item = &'b Block>) -> Self {
        let mut node = Self::default();
        events.into_iter().for_each(|event| node.happened(event));
        node
    }

    pub(crate) fn happened(&mut self, event: &Block) {
        let name = header(event, "Event").unwrap();
        let id = header(event, "Uniqueid").unwrap_or_default();
        if name == "Newchannel" {
            self.channels.insert(id.clone(), Channel::default());
        }
        for role in ["", "Dest"] {
            self.show(event, role);
        }
        match &*name {
            "BridgeEnter" => self.moved(&id, header(event, "BridgeUniqueid").unwrap()),
            "BridgeLeave" => self.moved(&id, String::new()),
            "QueueCallerJoin" => {
                self.queues.entry(header(event, "Queue").unwrap()).or_default().push(id);
            }
            "QueueCallerLeave" => {
                self.queues.values_mut().for_each(|waiting| waiting.retain(|other| *other != id));
            }
            "Hangup" => _ = self.channels.remove(&id),
            _ => {}
        }
    }

    /// Takes over what an event shows of a channel.
    fn show(&mut self, event: &Block, role: &str) {
        let value = |name: &str| header(event, &format!("{role}{name}"));
        let Some(channel) = value("Uniqueid").and_then(|id| self.channels.get_mut(&id)) else { return };
        let Some(state) = value("ChannelState") else { return };
        channel.state = state;
        channel.state_text = value("ChannelStateDesc").unwrap();
        channel.name = value("Channel").unwrap();
        channel.linked_id = value("Linkedid").unwrap();
    }

    fn moved(&mut self, id: &str, bridge: String) {
        self.channels.get_mut(id).unwrap().bridge = bridge;
    }

    /// Answers to `CoreShowChannels`, `Status`, `BridgeList` and `QueueStatus`, in this order.
    pub(crate) fn lists(&self) -> [List; 4] {
        [self.core_show_channels(), self.status(), self.bridge_list(), self.queue_status()]
    }

    fn core_show_channels(&self) -> List {
        let item = |(id, channel): (&String, &Channel)| {
            let bridge = &channel.bridge;
            let more = format!(
                "Application: Dial\r\nApplicationData: x\r\nDuration: 00:00:01\r\nBridgeId: {bridge}\r\n"
            );
            format!("Event: CoreShowChannel\r\nActionID: 1\r\n{}{more}\r\n", channel.snapshot(id))
        };
        list(
            self.channels.iter().map(item),
            "Event: CoreShowChannelsComplete\r\nActionID: 1\r\nEventList: Complete\r\nListItems",
        )
    }

    fn status(&self) -> List {
        let item = |(id, channel): (&String, &Channel)| {
            let more = format!("Type: PJSIP\r\nDNID: \r\nBridgeID: {}\r\nSeconds: 1\r\n", channel.bridge);
            format!("Event: Status\r\nPrivilege: Call\r\nActionID: 2\r\n{}{more}\r\n", channel.snapshot(id))
        };
        list(
            self.channels.iter().map(item),
            "Event: StatusComplete\r\nActionID: 2\r\nEventList: Complete\r\nListItems",
        )
    }

    fn bridge_list(&self) -> List {
        let mut members: BTreeMap<&str, u32> = BTreeMap::new();
        for channel in self.channels.values().filter(|channel| !channel.bridge.is_empty()) {
            *members.entry(&channel.bridge).or_default() += 1;
        }
        let item = |(bridge, members)| {
            format!(
                "Event: BridgeListItem\r\nActionID: 3\r\nBridgeUniqueid: {bridge}\r\nBridgeType: basic\r\n\
                 BridgeTechnology: simple_bridge\r\nBridgeNumChannels: {members}\r\n\r\n"
            )
        };
        list(
            members.into_iter().map(item),
            "Event: BridgeListComplete\r\nActionID: 3\r\nEventList: Complete\r\nListItems",
        )
    }

    fn queue_status(&self) -> List {
        let entry = |(queue, id): (&String, &String)| {
            let name = self.channels.get(id).map(|channel| channel.name.as_str()).unwrap_or_default();
            format!(
                "Event: QueueEntry\r\nActionID: 4\r\nQueue: {queue}\r\nPosition: 1\r\nChannel: {name}\r\nUniqueid: {id}\r\n\
                 CallerIDNum: 12025550100\r\nWait: 1\r\n\r\n"
            )
        };
        let waiting = self.queues.iter().flat_map(|(queue, ids)| ids.iter().map(move |id| (queue, id)));
        list(
            waiting.map(entry),
            "Event: QueueStatusComplete\r\nActionID: 4\r\nEventList: Complete\r\nListItems",
        )
    }
}

impl Channel {
    fn snapshot(&self, id: &str) -> String {
        let Self { name, linked_id, state, state_text, .. } = self;
        let mut text =
            format!("Channel: {name}\r\nChannelState: {state}\r\nChannelStateDesc: {state_text}\r\n");
        write!(text, "Uniqueid: {id}\r\nLinkedid: {linked_id}\r\n").unwrap();
        text
    }
}

fn list(items: impl Iterator<Item = String>, end: &str) -> List {
    let mut items: Vec<_> = items.collect();
    items.push(format!("{end}: {}\r\n\r\n", items.len()));
    List(items)
}
