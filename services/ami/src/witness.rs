//! What the events of a session prove about the rights of its account, one way or the other.

use std::collections::BTreeMap;

use asterisk::ami::{Block, Channel, Event, LinkedIdRef, UniqueIdRef, Value};

use crate::{Finding, ReadClass, Watch};

/// The called legs that must have ended without any report before nobody waits for one any longer. A leg whose channel
/// could not be made reports nothing, so one is not enough.
const SILENT_LEGS_MAX: u32 = 5;

/// Everything that is known by now. What was seen outweighs what was concluded.
#[derive(Debug)]
pub(crate) struct Witness {
    wanted: Vec<ReadClass>,
    /// True: an event of the class came. False: one should have come. Absent: unknown.
    classes: BTreeMap<ReadClass, bool>,
    variables: Vec<Box<str>>,
    /// Those of `variables` that a channel did not show; None: no channel was seen.
    missing: Option<Vec<Box<str>>>,
    has_timestamps: Option<bool>,
    actions: Vec<&'static str>,
    silent_legs: u32,
    learnt: bool,
}

impl Witness {
    pub(crate) fn new(watch: &Watch) -> Self {
        Self {
            wanted: watch.classes.clone(),
            classes: BTreeMap::new(),
            variables: watch.variables.clone(),
            missing: None,
            has_timestamps: None,
            actions: Vec::new(),
            silent_legs: 0,
            learnt: false,
        }
    }

    /// Looks at an event, and tells whether it said anything new.
    pub(crate) fn saw(&mut self, block: &Block) -> bool {
        self.learnt = false;
        // `call,all`; items of lists have none, or but one word.
        let privilege = block.value("Privilege").map(Value::as_bytes).unwrap_or_default();
        let mut words = privilege.split(|byte| *byte == b',');
        if let (Some(class), Some(_)) = (words.next(), words.next()) {
            self.saw_class(class);
            self.saw_timestamp(block);
        }
        if self.missing.is_none() || self.awaits(ReadClass::User) {
            self.saw_channel(block);
        }
        self.learnt
    }

    fn saw_class(&mut self, name: &[u8]) {
        let class = ReadClass::ALL.into_iter().find(|class| class.name().as_bytes() == name);
        if let Some(class) = class {
            self.learnt |= self.classes.insert(class, true) != Some(true);
        }
    }

    /// The one that answers the login never has one.
    fn saw_timestamp(&mut self, block: &Block) {
        if self.has_timestamps.is_none() && !block.name().is_some_and(|name| name.is("FullyBooted")) {
            self.has_timestamps = Some(block.timestamp_us().is_some());
            self.learnt = true;
        }
    }

    fn saw_channel(&mut self, block: &Block) {
        match Event::read(block) {
            Event::Newchannel(channel) | Event::Newstate(channel) => self.saw_variables(&channel),
            Event::CoreShowChannel(item) => self.saw_variables(&item.channel),
            Event::Hangup(hangup) => {
                self.saw_variables(&hangup.channel);
                self.saw_end(&hangup.channel);
            }
            _ => {}
        }
    }

    /// A channel shows all that are configured, empty or not.
    fn saw_variables(&mut self, channel: &Channel<'_>) {
        if self.missing.is_some() {
            return;
        }
        let shown: Vec<_> = channel.variables().map(|(name, _)| name.as_bytes()).collect();
        let missing = self.variables.iter().filter(|name| !shown.contains(&name.as_bytes()));
        self.missing = Some(missing.cloned().collect());
        self.learnt = true;
    }

    /// A leg that the shipped dialplan dialled reports before it ends.
    fn saw_end(&mut self, channel: &Channel<'_>) {
        let linked = channel.linked_id().map(LinkedIdRef::as_bytes);
        let is_called = linked.is_some() && linked != channel.unique_id().map(UniqueIdRef::as_bytes);
        let is_ours = channel.variables().any(|(name, value)| name.is("DP_ID") && value.known().is_some());
        if is_called && is_ours && self.awaits(ReadClass::User) {
            self.silent_legs += 1;
            if self.silent_legs >= SILENT_LEGS_MAX {
                self.conclude(ReadClass::User, false);
                self.learnt = true;
            }
        }
    }

    /// Whether nothing is known of a class yet.
    pub(crate) fn awaits(&self, class: ReadClass) -> bool {
        self.wanted.contains(&class) && !self.classes.contains_key(&class)
    }

    /// What was found out otherwise than by an event of the class.
    pub(crate) fn conclude(&mut self, class: ReadClass, is_read: bool) {
        let known = self.classes.entry(class).or_insert(is_read);
        *known |= is_read;
    }

    pub(crate) fn conclude_timestamps(&mut self, has: bool) {
        self.has_timestamps.get_or_insert(has);
    }

    pub(crate) fn conclude_variables(&mut self, configured: &[&str]) {
        let missing = self.variables.iter().filter(|name| !configured.contains(&&***name));
        self.missing = Some(missing.cloned().collect());
    }

    pub(crate) fn refused(&mut self, actions: Vec<&'static str>) {
        self.actions = actions;
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        let unread = self.wanted.iter().filter(|class| self.classes.get(class) == Some(&false));
        let mut findings: Vec<_> = unread.map(|class| Finding::Read(*class)).collect();
        if !self.actions.is_empty() {
            findings.push(Finding::Actions(self.actions.clone()));
        }
        if let Some(missing) = self.missing.as_ref().filter(|missing| !missing.is_empty()) {
            findings.push(Finding::Variables(missing.clone()));
        }
        if self.has_timestamps == Some(false) {
            findings.push(Finding::Timestamps);
        }
        findings
    }
}
