use super::{Action, ActionError, ActionId, Draft};

impl Action {
    /// All queues with their members and callers, or one.
    pub fn queue_status(id: &ActionId, queue: Option<&str>) -> Result<Self, ActionError> {
        Draft::of("QueueStatus", id).optional("Queue", queue).finish()
    }

    /// Makes an interface (`PJSIP/1001`) a dynamic member of a queue.
    pub fn queue_add(
        id: &ActionId,
        queue: &str,
        interface: &str,
        penalty: u32,
        is_paused: bool,
    ) -> Result<Self, ActionError> {
        Draft::of("QueueAdd", id)
            .required("Queue", queue)
            .required("Interface", interface)
            .header("Penalty", &penalty.to_string())
            .header("Paused", yes_no(is_paused))
            .finish()
    }

    pub fn queue_remove(id: &ActionId, queue: &str, interface: &str) -> Result<Self, ActionError> {
        Draft::of("QueueRemove", id).required("Queue", queue).required("Interface", interface).finish()
    }

    /// Pauses a member in one queue or in all of them, or takes the pause away.
    pub fn queue_pause(
        id: &ActionId,
        queue: Option<&str>,
        interface: &str,
        is_paused: bool,
        reason: Option<&str>,
    ) -> Result<Self, ActionError> {
        Draft::of("QueuePause", id)
            .optional("Queue", queue)
            .required("Interface", interface)
            .header("Paused", yes_no(is_paused))
            .optional("Reason", reason)
            .finish()
    }
}

fn yes_no(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
