use super::{Action, ActionError, ActionId, Draft};

impl Action {
    /// When Asterisk started: tells a restart from a broken line.
    pub fn core_status(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("CoreStatus", id).finish()
    }

    /// Versions and limits.
    pub fn core_settings(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("CoreSettings", id).finish()
    }

    pub fn core_show_channels(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("CoreShowChannels", id).finish()
    }

    /// All channels, or one, with the values of these variables. Names cannot hold a comma.
    pub fn status(id: &ActionId, channel: Option<&str>, variables: &[&str]) -> Result<Self, ActionError> {
        let draft = Draft::of("Status", id).optional("Channel", channel);
        if variables.iter().any(|name| name.is_empty() || name.contains(',')) {
            return Err(ActionError::Illegal { header: "Variables" });
        }
        let variables = variables.join(",");
        draft.optional("Variables", (!variables.is_empty()).then_some(&variables)).finish()
    }

    pub fn bridge_list(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("BridgeList", id).finish()
    }

    /// The channels of a bridge.
    pub fn bridge_info(id: &ActionId, bridge: &str) -> Result<Self, ActionError> {
        Draft::of("BridgeInfo", id).required("BridgeUniqueid", bridge).finish()
    }

    /// A line for the command line of Asterisk; what may come from outside does not belong here.
    pub fn command(id: &ActionId, command: &str) -> Result<Self, ActionError> {
        Draft::of("Command", id).required("Command", command).finish()
    }
}
