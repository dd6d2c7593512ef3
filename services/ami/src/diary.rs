use domain::NodeName;
use runtime::chain;
use tracing::{debug, error, info, warn};

use crate::{Closed, Opened, open::OpenError};

/// Logs what is news: neither the hundredth refusal nor each round with a node that accepts and closes.
#[derive(Debug)]
pub(crate) struct Diary {
    node: NodeName,
    trouble: Option<String>,
    told_of_session: bool,
}

impl Diary {
    pub(crate) fn new(node: NodeName) -> Self {
        Self { node, trouble: None, told_of_session: false }
    }

    pub(crate) fn opened(&mut self, opened: &Opened) {
        if self.told_of_session {
            debug!(node = %self.node, asterisk = %opened, "asterisk listened to again");
        } else {
            info!(node = %self.node, asterisk = %opened, "asterisk listened to");
            self.told_of_session = true;
        }
    }

    pub(crate) fn failed(&mut self, failure: &OpenError) {
        let reason = chain(failure).to_string();
        if self.trouble.as_ref() == Some(&reason) {
            debug!(node = %self.node, error = reason, "asterisk still not listened to");
            return;
        }
        if failure.is_refusal() {
            error!(node = %self.node, error = reason, "asterisk lets nobody in; tried again slowly");
        } else {
            warn!(node = %self.node, error = reason, "asterisk not listened to; tried again until it is");
        }
        self.news(reason);
    }

    pub(crate) fn lost(&mut self, why: &Closed, was_settled: bool) {
        let reason = chain(why).to_string();
        if self.trouble.as_ref() == Some(&reason) && !was_settled {
            debug!(node = %self.node, error = reason, "asterisk lost again");
            return;
        }
        warn!(node = %self.node, error = reason, "asterisk no longer listened to");
        self.news(reason);
    }

    fn news(&mut self, reason: String) {
        self.trouble = Some(reason);
        self.told_of_session = false;
    }
}
