//! One Dial of one channel.

use asterisk::ami::Dial;
use serde::{Deserialize, Serialize};

use crate::text;

/// A channel is dialled once in its life, so its leg holds its attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// Which event it was: gives the order, and what came before what.
    pub(crate) begun: u64,
    pub(crate) begin_us: i64,
    pub(crate) caller: Option<Box<str>>,
    pub(crate) dial: Option<Box<str>>,
    /// Only for legs of Local channels, which are dialled but are no attempts.
    pub(crate) is_local: bool,
    pub(crate) end: Option<AttemptEnd>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttemptEnd {
    pub(crate) ended: u64,
    pub(crate) end_us: i64,
    pub(crate) status: Box<str>,
}

impl Attempt {
    pub(crate) fn begin(dial: &Dial<'_>, begun: u64, begin_us: i64, is_local: bool) -> Self {
        Self {
            begun,
            begin_us,
            caller: dial.caller.as_ref().and_then(text::unique_id).map(|id| id.as_ref().into()),
            dial: text::of(dial.dial_string),
            is_local,
            end: None,
        }
    }

    /// The first word counts: a queue says `CANCEL` of a member that it said `NOANSWER` of before.
    pub(crate) fn end(&mut self, status: &str, ended: u64, end_us: i64) -> bool {
        let is_news = self.end.is_none();
        self.end.get_or_insert_with(|| AttemptEnd { ended, end_us, status: status.into() });
        is_news
    }

    pub(crate) fn status(&self) -> Option<&str> {
        self.end.as_ref().map(|end| &*end.status)
    }

    pub(crate) fn is_answered(&self) -> bool {
        self.status() == Some("ANSWER")
    }
}
