use calls::CallUpdate;
use journal::Position;
use store::NodeGap;

/// What assembling hands on to writing, in order.
#[derive(Debug)]
pub(crate) enum Work {
    Rows(Rows),
    /// Everything before this may be forgotten once it is in the tables.
    Mark(Mark),
}

#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) updates: Vec<CallUpdate>,
    pub(crate) gaps: Vec<NodeGap>,
    /// The node's time up to which this is all there is.
    pub(crate) until_us: Option<i64>,
}

/// Where to go on after a restart, and with what.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) position: Position,
    pub(crate) content: Vec<u8>,
    pub(crate) until_us: Option<i64>,
}

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.updates.is_empty() && self.gaps.is_empty()
    }

    pub(crate) fn add(&mut self, mut more: Self) {
        self.updates.append(&mut more.updates);
        self.gaps.append(&mut more.gaps);
        self.until_us = self.until_us.max(more.until_us);
    }
}
