//! What the shipped dialplan leaves on channels: `channelvars = DP_ROOT,DP_ID,DP_N,DP_VERB`.

use asterisk::ami::Channel;
use serde::{Deserialize, Serialize};

use crate::{record::Direction, text};

/// Of one question to a router.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    pub(crate) root: Option<Box<str>>,
    pub(crate) id: Option<Box<str>>,
    pub(crate) attempt: Option<u32>,
    pub(crate) direction: Option<Direction>,
}

impl Decision {
    pub(crate) fn of(channel: &Channel<'_>) -> Self {
        let mut decision = Self::default();
        for (name, value) in channel.variables() {
            let Some(value) = value.known() else { continue };
            match name.as_bytes() {
                b"DP_ROOT" => decision.root = Some(text::boxed(value.as_bytes())),
                b"DP_ID" => decision.id = Some(text::boxed(value.as_bytes())),
                b"DP_N" => decision.attempt = value.number().filter(|number| *number > 0),
                b"DP_VERB" => decision.direction = direction(value.as_bytes()),
                _ => {}
            }
        }
        decision
    }

    /// What was known first stays: a transferred call asks again, on the same channel.
    pub(crate) fn or(&mut self, later: Self) {
        self.direction = self.direction.or(later.direction);
        if self.id.is_none() && self.root.is_none() {
            let direction = self.direction;
            *self = Self { direction, ..later };
        }
    }

    /// The generation a decision was made on: `GENERATION-INSTANCE-SEQUENCE`.
    pub(crate) fn generation(&self) -> Option<u64> {
        self.id.as_deref()?.split_once('-')?.0.parse().ok()
    }
}

fn direction(verb: &[u8]) -> Option<Direction> {
    match verb {
        b"inbound" => Some(Direction::Inbound),
        b"outbound" => Some(Direction::Outbound),
        _ => None,
    }
}
